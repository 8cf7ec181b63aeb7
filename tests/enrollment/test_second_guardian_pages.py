"""Inviting and joining on pages and by API: no data of the child before the yes, and no GET that accepts."""

import html
import json
import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services.guardians import masked_phone_of
from accounts.services.guardianships import MOST_INVITATIONS
from leap.logging import redact
from privacy.consent.models import ConsentRecord
from privacy.minors.models import Child, Guardianship
from tests.children import NICKNAME, a_child, an_invitation, joins, name_of, signed_in
from tests.families import a_guardian
from tests.people import PRIVACY_AND_TERMS, last_code, new_phone
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

URL = "/account/children/"
JOIN = f"{URL}join/"
API = "/api/v1/children/"
ACCEPT = "/api/v1/guardian-invitations/accept/"
YES = {"agree_children": "on", "children_version": "1.0"}
RULES = [{"document": "children", "version": "1.0"}]


@pytest.fixture
def first() -> User:
    return a_guardian()


@pytest.fixture
def child(first: User) -> uuid.UUID:
    return a_child(first)


@pytest.fixture
def own(child: uuid.UUID) -> str:
    return f"{URL}{name_of(child)}/"


def words(response: object) -> str:
    return html.unescape(response.content.decode())


def says_nothing_of(response: Any, child: uuid.UUID) -> bool:
    page = words(response)
    return not any(secret in page for secret in (NICKNAME, "2021", name_of(child), str(child)))


def send(client: Client, method: str, url: str, body: Any = None) -> Any:
    data = b"" if body is None else json.dumps(body)
    return client.generic(method, url, data=data, content_type="application/json")


# Inviting


def test_a_link_is_made_shown_once_and_taken_back(first: User, child: uuid.UUID, own: str) -> None:
    client = signed_in(first)
    page = words(client.get(own))
    assert "还没有。家里另一位监护人" in page
    asked = client.get(f"{own}invite/")
    assert "72 小时内有效" in words(asked)
    assert not Child.objects.get().invitations.exists()

    made = client.post(f"{own}invite/")
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    [link] = re.findall(r"http\S+/account/children/join/[\w-]{32}/", words(made))
    assert link.startswith(settings.PUBLIC_URL)
    assert NICKNAME not in words(made)
    shown = re.search(r'id="to-copy">(.*?)</p>', words(made), re.DOTALL)
    assert shown
    assert "2021" not in shown[1]
    for later in (client.get(own), client.get(f"{own}invite/")):
        assert "前有效" in words(later)
        assert link.split("/")[-2] not in words(later)

    back = client.post(f"{own}invite/", {"action": "withdraw"})
    assert (back.status_code, back.url) == (303, f"{own}?done=withdrawn")
    assert "邀请收回了" in words(client.get(back.url))
    assert Client().get(link.removeprefix(settings.PUBLIC_URL)).status_code == 410


def test_a_strangers_child_cannot_be_invited_to(own: str) -> None:
    stranger = signed_in(a_guardian())
    assert stranger.get(f"{own}invite/").status_code == 404
    for body in ({}, {"action": "withdraw"}):
        assert stranger.post(f"{own}invite/", body).status_code == 404
    assert Client().post(f"{own}invite/").url.startswith("/account/login/")
    assert not Child.objects.get().invitations.exists()


def test_more_than_so_many_a_day_are_refused_in_plain_words(first: User, own: str) -> None:
    client = signed_in(first)
    for _ in range(MOST_INVITATIONS):
        assert client.post(f"{own}invite/").status_code == 200
    assert client.post(f"{own}invite/").status_code == 429


def test_with_four_guardians_nobody_more_is_asked(first: User, child: uuid.UUID, own: str) -> None:
    for _ in range(3):
        joins(a_guardian(), an_invitation(first, child))
    client = signed_in(first)
    assert f"{own}invite/" not in words(client.get(own))
    refused = client.post(f"{own}invite/")
    assert refused.status_code == 403
    assert "已经有 4 位监护人" in words(refused)


# Joining


@pytest.mark.clause("X2-8.2a", "LAW-34")
def test_who_was_invited_logs_in_reads_the_rules_and_joins(first: User, child: uuid.UUID, own: str) -> None:
    token, client, phone = an_invitation(first, child), Client(), new_phone()
    url = f"{JOIN}{token}/"
    page = client.get(url)
    assert page.status_code == 200
    assert says_nothing_of(page, child)
    assert masked_phone_of(first.pk) not in words(page)
    [login] = re.findall(r'href="(/account/login/[^"]+)"', words(page))

    form = client.get(login)
    assert f'name="next" value="{url}"' in words(form)
    sent = client.post("/account/login/", {"phone": phone, "action": "send_code", "next": url})
    typed = {
        "phone": phone,
        "code": last_code(phone),
        "challenge": sent.context["challenge"],
        "next": url,
        **PRIVACY_AND_TERMS,
    }
    entered = client.post("/account/login/", typed)
    assert (entered.status_code, entered.url) == (303, url)

    page = client.get(url)
    assert says_nothing_of(page, child)
    assert masked_phone_of(first.pk) in words(page)
    assert "我是这个孩子的监护人" in words(page)
    assert words(page).index('id="children-notice"') < words(page).index('name="agree_children"')
    assert "checked" not in words(page)
    assert Guardianship.objects.count() == 1

    done = client.post(url, YES)
    assert (done.status_code, done.url) == (303, f"{own}?done=joined")
    shown = words(client.get(done.url))
    assert "加入好了" in shown
    assert f'value="{NICKNAME}"' in shown
    assert masked_phone_of(first.pk) in shown
    assert f"{phone[:3]}****{phone[-4:]}" in words(signed_in(first).get(own))
    again = client.get(url)
    assert (again.status_code, again.url) == (303, own)
    assert client.post(url, YES).url == f"{own}?done=joined"


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({}, 422, "先看过并勾选这一项"),
        ({"agree_children": "on", "children_version": "0.9"}, 409, "规则刚刚更新"),
    ],
)
def test_without_the_tick_nobody_joins(
    first: User, child: uuid.UUID, typed: dict[str, str], status: int, said: str
) -> None:
    second, url = a_guardian(), f"{JOIN}{an_invitation(first, child)}/"
    response = signed_in(second).post(url, typed)
    assert response.status_code == status
    assert said in words(response)
    assert 'name="children_version" value="1.0"' in words(response) or status == 422
    assert says_nothing_of(response, child)
    assert not Guardianship.objects.filter(guardian_id=second.pk).exists()
    assert signed_in(second).post(url, YES).status_code == 303


def test_looking_accepts_nothing_and_a_post_needs_token_and_login(first: User, child: uuid.UUID) -> None:
    second, url = a_guardian(), f"{JOIN}{an_invitation(first, child)}/"
    client = signed_in(second)
    for look in (client.get, client.head):
        assert look(f"{url}?agree_children=on&children_version=1.0").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(second)
    assert strict.post(url, YES).status_code == 403
    asked = Client().post(url, YES)
    assert (asked.status_code, asked.url.split("?")[0]) == (302, "/account/login/")
    assert Guardianship.objects.count() == 1
    assert not ConsentRecord.objects.filter(subject_id=second.pk).exists()


def test_ones_own_link_says_so_kindly(first: User, child: uuid.UUID) -> None:
    client, url = signed_in(first), f"{JOIN}{an_invitation(first, child)}/"
    for response in (client.get(url), client.post(url, YES)):
        assert response.status_code == 200
        assert "这是您自己发出的邀请" in words(response)
        assert says_nothing_of(response, child)


def test_a_link_that_is_over_or_never_was_reads_the_same(first: User, child: uuid.UUID) -> None:
    used = an_invitation(first, child)
    joins(a_guardian(), used)
    withdrawn = an_invitation(first, child)
    signed_in(first).post(f"{URL}{name_of(child)}/invite/", {"action": "withdraw"})
    pages: set[str] = set()
    for token, status in ((used, 410), (withdrawn, 410), ("A" * 32, 404), ("x", 404), ("delete", 404)):
        for client in (Client(), signed_in(a_guardian())):
            for answer in (client.get(f"{JOIN}{token}/"), client.post(f"{JOIN}{token}/", YES)):
                assert answer.status_code == status
                assert says_nothing_of(answer, child)
                pages |= set(re.findall(r"<main.*</main>", words(answer), re.DOTALL))
    assert len(pages) == 1
    assert "没有找到" not in pages.pop()


def test_the_token_stands_in_no_log() -> None:
    for token in ("a" * 32, "Zz9_-" * 6):
        assert token not in redact(f"GET {JOIN}{token}/ failed")
        assert token not in redact(f"/account/login/?next={JOIN}{token}/")


# Beside each other


def test_a_third_guardian_gets_404_everywhere(first: User, child: uuid.UUID, own: str) -> None:
    joins(a_guardian(), an_invitation(first, child))
    an_invitation(first, child)
    third = a_guardian()
    a_child(third, "自己的")
    client = signed_in(third)
    for url in (own, f"{own}delete/", f"{own}invite/"):
        assert client.get(url).status_code == client.post(url, YES).status_code == 404
    name = name_of(child)
    for method, url, body in (
        ("PATCH", f"{API}{name}/", {"nickname": "别名"}),
        ("DELETE", f"{API}{name}/", None),
        ("POST", f"{API}{name}/invitation/", None),
        ("DELETE", f"{API}{name}/invitation/", None),
    ):
        assert send(client, method, url, body).status_code == 404
    assert name not in client.get(API).content.decode()
    assert Guardianship.objects.filter(child_id=child).count() == 2


def test_deleting_says_what_it_does_to_the_other_half_of_the_family(
    first: User, child: uuid.UUID, own: str
) -> None:
    second = a_guardian()
    joins(second, an_invitation(first, child))
    client = signed_in(second)
    assert "另一位监护人那边的信息还在" in words(client.get(f"{own}delete/"))
    done = client.post(f"{own}delete/")
    assert done.url == f"{URL}?done=left"
    assert "另一位监护人那边的还在" in words(client.get(done.url))
    assert client.get(own).status_code == 404
    last = signed_in(first)
    assert "密钥一起销毁" in words(last.get(f"{own}delete/"))
    assert last.post(f"{own}delete/").url == f"{URL}?done=deleted"
    assert not Child.objects.exists()


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_page_of_a_child_costs_the_same_for_one_guardian_more_and_for_three(
    first: User, child: uuid.UUID, own: str, how_many: int
) -> None:
    for _ in range(how_many):
        joins(a_guardian(), an_invitation(first, child))
    client = signed_in(first)
    client.get(own)
    # Session, user, twice whether the yes stands, its version and the rules in force, consents, numbers.
    with counted(default=9, minors=5, keys=2):
        assert words(client.get(own)).count("****") >= how_many


# By API


def test_by_api_a_link_is_made_accepted_and_taken_back(first: User, child: uuid.UUID) -> None:
    client, second, name = signed_in(first), a_guardian(), name_of(child)
    made = send(client, "POST", f"{API}{name}/invitation/")
    assert (made.status_code, set(made.json())) == (201, {"url", "expires_at"})
    ends = datetime.fromisoformat(made.json()["expires_at"])
    assert timedelta(hours=71) < ends - timezone.now() <= timedelta(hours=72)
    token = made.json()["url"].split("/")[-2]

    other = signed_in(second)
    for _ in range(2):
        answer = send(other, "POST", ACCEPT, {"token": token, "agreements": RULES})
        assert (answer.status_code, answer.json()["nickname"]) == (200, NICKNAME)
    assert [entry["id"] for entry in other.get(API).json()["results"]] == [name]
    assert ConsentRecord.objects.get(subject_id=second.pk).channel == "api"

    for _ in range(2):
        assert send(client, "DELETE", f"{API}{name}/invitation/").status_code == 204
    assert send(other, "DELETE", f"{API}{name}/").status_code == 204
    assert [entry["id"] for entry in client.get(API).json()["results"]] == [name]


def test_by_api_each_refusal_has_its_code(first: User, child: uuid.UUID) -> None:
    name, third = name_of(child), signed_in(a_guardian())
    used = an_invitation(first, child)
    joins(a_guardian(), used)
    token = an_invitation(first, child)
    refused = {
        (token, "[]"): (409, "agreements_required"),
        (token, '[{"document": "children", "version": "0.9"}]'): (409, "document_stale"),
        (used, json.dumps(RULES)): (410, "expired"),
        ("A" * 32, json.dumps(RULES)): (404, "not_found"),
        ("", json.dumps(RULES)): (422, "invalid"),
    }
    for (sent, agreements), expected in refused.items():
        answer = send(third, "POST", ACCEPT, {"token": sent, "agreements": json.loads(agreements)})
        assert (answer.status_code, answer.json()["code"]) == expected
        assert says_nothing_of(answer, child)
    mine = send(signed_in(first), "POST", ACCEPT, {"token": token, "agreements": RULES})
    assert (mine.status_code, mine.json()["code"]) == (403, "forbidden")
    assert "您自己发出的" in mine.json()["detail"]
    for method, url in (("POST", ACCEPT), ("POST", f"{API}{name}/invitation/")):
        assert send(Client(), method, url, {"token": token}).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(first)
    for method in ("POST", "DELETE"):
        assert send(strict, method, f"{API}{name}/invitation/").status_code == 403
    assert send(strict, "POST", ACCEPT, {"token": token, "agreements": RULES}).status_code == 403
