"""Children by API: own wards only, with the children's rules agreed to, by names that say nothing."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from enrollment.services.children import MOST_CHANGES
from privacy.audit.models import AuditEvent
from privacy.consent.models import ConsentRecord
from privacy.minors.models import Child
from tests.children import NICKNAME, a_child, a_guardian, name_of, signed_in
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

URL = "/api/v1/children/"
RULES = [{"document": "children", "version": "1.0"}]
CHILD = {"nickname": NICKNAME, "birth_month": "2021-05"}


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def client(guardian: User) -> Client:
    return signed_in(guardian)


def send(client: Client, method: str, url: str, body: Any = None) -> Any:
    data = b"" if body is None else json.dumps(body)
    return client.generic(method, url, data=data, content_type="application/json")


def added(client: Client, **changed: Any) -> Any:
    return send(client, "POST", URL, {**CHILD, "agreements": RULES, **changed})


def test_a_child_is_added_listed_corrected_and_deleted(client: Client, guardian: User) -> None:
    answer = added(client)
    assert answer.status_code == 201
    child = answer.json()
    assert child == {"id": name_of(Child.objects.get().pk), **CHILD}
    assert client.get(URL).json() == {"results": [child], "next": None}
    assert client.get("/api/v1/me/").json()["children"] == [child]

    corrected = send(client, "PATCH", f"{URL}{child['id']}/", {"birth_month": "2021-06"})
    assert (corrected.status_code, corrected.json()) == (200, {**child, "birth_month": "2021-06"})
    renamed = send(client, "PATCH", f"{URL}{child['id']}/", {"nickname": " 大毛 "})
    assert renamed.json() == {**child, "nickname": "大毛", "birth_month": "2021-06"}
    assert client.get(URL).json()["results"] == [renamed.json()]

    assert send(client, "DELETE", f"{URL}{child['id']}/").status_code == 204
    assert client.get(URL).json()["results"] == []
    assert client.get("/api/v1/me/").json()["children"] == []
    assert send(client, "DELETE", f"{URL}{child['id']}/").status_code == 404
    assert [r.state for r in ConsentRecord.objects.order_by("at", "id")] == ["given", "withdrawn"]
    assert {r.channel for r in ConsentRecord.objects.all()} == {"api"}


def test_the_same_child_twice_is_one(client: Client) -> None:
    assert added(client).json() == added(client).json()
    assert Child.objects.count() == 1


def test_no_subject_id_leaves(client: Client, guardian: User) -> None:
    child = a_child(guardian)
    for url in (URL, "/api/v1/me/"):
        text = client.get(url).content.decode()
        assert str(child) not in text
        assert str(guardian.pk) not in text


@pytest.mark.clause("L-PP-4.5-1a")
@pytest.mark.parametrize(
    ("agreements", "code"),
    [
        ([], "agreements_required"),
        ([{"document": "terms", "version": "1.0"}], "agreements_required"),
        ([{"document": "children", "version": "0.9"}], "document_stale"),
    ],
)
def test_without_the_rules_agreed_to_the_rules_are_shown(
    client: Client, agreements: list[dict[str, str]], code: str
) -> None:
    answer = added(client, agreements=agreements)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert [document["document"] for document in answer.json()["documents"]] == ["children"]
    assert "监护人" in answer.json()["documents"][0]["declaration"]
    assert NICKNAME not in answer.content.decode()
    assert not Child.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nickname": "13800001234"}, "nickname"),
        ({"nickname": ""}, "nickname"),
        ({"nickname": None}, "nickname"),
        ({"nickname": {"a": 1}}, "nickname"),
        ({"nickname": "豆" * 13}, "nickname"),
        ({"birth_month": "2021-05-17"}, "birth_month"),
        ({"birth_month": "2999-01"}, "birth_month"),
        ({"birth_month": "1990-01"}, "birth_month"),
        ({"birth_month": True}, "birth_month"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client: Client, wrong: dict[str, Any], field: str) -> None:
    answer = added(client, **wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert list(answer.json()["errors"]) == [field]
    assert not Child.objects.exists()


def test_a_correction_may_not_make_two_children_the_same(client: Client, guardian: User) -> None:
    a_child(guardian)
    sister = name_of(a_child(guardian, "妹妹"))
    answer = send(client, "PATCH", f"{URL}{sister}/", {"nickname": NICKNAME})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["nickname"])


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"nickname": "别名"}), ("DELETE", None)])
def test_a_strangers_child_does_not_exist(client: Client, method: str, body: Any) -> None:
    theirs = a_child(a_guardian(), "别人家")
    for name in (name_of(theirs), str(theirs), uuid.uuid4(), "x", "..", "%00"):
        assert send(client, method, f"{URL}{name}/", body).status_code == 404
    assert Child.objects.get().nickname == "别人家"
    assert client.get(URL).json()["results"] == []


def test_nobody_signed_in_has_no_children(guardian: User) -> None:
    name = name_of(a_child(guardian))
    stranger = Client()
    assert "children" not in stranger.get("/api/v1/me/").json()
    for method, url in (("GET", URL), ("POST", URL), ("PATCH", f"{URL}{name}/"), ("DELETE", f"{URL}{name}/")):
        answer = send(stranger, method, url, CHILD if method in {"POST", "PATCH"} else None)
        assert (answer.status_code, answer.json()["code"]) == (401, "login_required")


def test_staff_have_no_children_here(guardian: User) -> None:
    child = a_child(guardian)
    staff = User.objects.create_superuser("boss", "x")
    client = signed_in(staff)
    assert client.get(URL).status_code == 401
    assert client.get("/api/v1/me/").json() == {"authenticated": False}
    assert send(client, "DELETE", f"{URL}{name_of(child)}/").status_code == 401
    assert not AuditEvent.objects.filter(action="child.read", actor_id=staff.pk).exists()


def test_every_change_needs_the_token(guardian: User) -> None:
    name = name_of(a_child(guardian))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(guardian)
    for method, url in (("POST", URL), ("PATCH", f"{URL}{name}/"), ("DELETE", f"{URL}{name}/")):
        assert send(strict, method, url, CHILD).status_code == 403
    assert Child.objects.count() == 1


def test_adding_over_and_over_is_slowed_down(client: Client) -> None:
    for _ in range(MOST_CHANGES):
        assert added(client).status_code == 201
    answer = added(client)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert int(answer["Retry-After"]) > 3600


def test_correcting_over_and_over_is_slowed_down(client: Client) -> None:
    page = f"{URL}{added(client).json()['id']}/"
    statuses = [send(client, "PATCH", page, {"nickname": f"豆{n}"}).status_code for n in range(MOST_CHANGES)]

    assert statuses == [200] * (MOST_CHANGES - 1) + [429]
    typed = {"child_nickname": "果果", "child_birth_month": "2021-05"}
    assert client.post(f"/account/children/{page.split('/')[-2]}/", typed).status_code == 429


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(client: Client, guardian: User, how_many: int) -> None:
    for name in ("一一", "二二", "三三")[:how_many]:
        a_child(guardian, name)
    with counted(default=3, minors=1, keys=1):  # session, user, consents
        assert len(client.get(URL).json()["results"]) == how_many
