"""The page of children: complete without JavaScript, the notice first, and a no that leaves nothing."""

import html
import re

import pytest
from django.test import Client

from accounts.models import User
from privacy.consent.models import ConsentRecord
from privacy.minors.models import Child
from tests.children import BORN, NICKNAME, a_child, a_guardian, name_of, signed_in
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

URL = "/account/children/"
FILLED = {"child_nickname": NICKNAME, "child_birth_month": "2021-05", "agree_children": "on"}


@pytest.fixture
def guardian() -> User:
    return a_guardian()


@pytest.fixture
def client(guardian: User) -> Client:
    return signed_in(guardian)


def words(response: object) -> str:
    return html.unescape(response.content.decode())


def test_who_is_not_signed_in_is_led_to_the_door() -> None:
    for page in (URL, f"{URL}add/", f"{URL}x/", f"{URL}x/delete/"):
        response = Client().get(page)
        assert (response.status_code, response.url) == (302, "/account/login/?next=%2Faccount%2Fchildren%2F")


def test_nothing_is_there_before_anything_was_added(client: Client) -> None:
    page = words(client.get(URL))
    assert "没有存孩子的任何信息" in page
    assert f'href="{URL}add/"' in page


@pytest.mark.clause("LAW-34")
def test_the_notice_stands_before_every_field_and_no_box_is_ticked(client: Client, guardian: User) -> None:
    name = name_of(a_child(guardian))
    for url in (f"{URL}add/", f"{URL}{name}/"):
        page = words(client.get(url))
        assert page.index('id="children-notice"') < page.index('name="child_nickname"')
        assert page.index('id="children-notice"') < page.index('name="child_birth_month"')
        assert "checked" not in page
    page = words(client.get(f"{URL}add/"))
    assert "我是这个孩子的监护人" in page
    buttons = re.findall(r'<button class="([^"]+)"[^>]*>([^<]+)</button>', page.split("</h1>")[1])
    assert buttons == [("button button-quiet", "同意并保存"), ("button button-quiet", "不同意保存")]


def test_a_child_is_added_corrected_and_deleted(client: Client) -> None:
    response = client.post(f"{URL}add/", FILLED)
    assert (response.status_code, response.url) == (303, f"{URL}?done=added")
    page = words(client.get(response.url))
    assert NICKNAME in page
    assert "2021 年 5 月" in page

    child = Child.objects.get()
    own = f"{URL}{child.public_id}/"
    page = words(client.get(own))
    assert f'value="{NICKNAME}"' in page
    assert 'value="2021-05"' in page
    assert 'name="agree_children"' not in page  # the yes stands
    response = client.post(own, {"child_nickname": "大毛", "child_birth_month": "2021-06"})
    assert (response.status_code, response.url) == (303, f"{URL}?done=corrected")
    page = words(client.get(URL))
    assert "大毛" in page
    assert "2021 年 6 月" in page

    assert "大毛" in words(client.get(f"{own}delete/"))
    assert Child.objects.exists()
    response = client.post(f"{own}delete/")
    assert (response.status_code, response.url) == (303, f"{URL}?done=deleted")
    assert not Child.objects.exists()
    assert client.get(own).status_code == client.post(f"{own}delete/").status_code == 404


@pytest.mark.clause("X2-8.2.2")
def test_a_no_drops_what_was_typed_and_is_on_record(client: Client, guardian: User) -> None:
    response = client.post(f"{URL}add/", {**FILLED, "action": "refuse_children"})
    assert (response.status_code, response.url) == (303, f"{URL}?done=refused")
    page = words(client.get(response.url))
    assert NICKNAME not in page
    assert "一样可以约课" in page
    assert not Child.objects.exists()
    kept = ConsentRecord.objects.get(subject_id=guardian.pk)
    assert (kept.purpose, kept.state, kept.channel) == ("children", "refused", "web")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"child_nickname": ""}, "请填孩子的小名"),
        ({"child_nickname": "13800001234"}, "请不要填号码"),
        ({"child_nickname": "豆" * 13}, "最多 12 个字"),
        ({"child_birth_month": ""}, "请填出生年月"),
        ({"child_birth_month": "2021-05-17"}, "不用填哪一天"),
        ({"child_birth_month": "2999-01"}, "还没有到"),
        ({"child_birth_month": "1990-01"}, "未满 18 岁"),
        ({"agree_children": ""}, "先看过并勾选"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(
    client: Client, changed: dict[str, str], said: str
) -> None:
    response = client.post(f"{URL}add/", {**FILLED, **changed})
    assert response.status_code == 422
    page = words(response)
    assert said in page
    for name, value in {**FILLED, **changed}.items():
        if value and name != "agree_children":
            assert f'value="{value}"' in page
    assert "no-store" in response["Cache-Control"]
    assert not Child.objects.exists()


def test_a_yes_to_an_older_version_is_asked_again(client: Client) -> None:
    response = client.post(f"{URL}add/", {**FILLED, "children_version": "0.9"})
    assert response.status_code == 409
    page = words(response)
    assert "规则刚刚更新" in page
    assert 'name="children_version" value="1.0"' in page
    assert "checked" not in page
    assert f'value="{NICKNAME}"' in page


def test_a_strangers_child_is_not_found(client: Client) -> None:
    theirs = name_of(a_child(a_guardian(), "别人家"))
    for url in (f"{URL}{theirs}/", f"{URL}{theirs}/delete/"):
        assert client.get(url).status_code == 404
        response = client.post(url, {"child_nickname": "大毛", "child_birth_month": "2021-06"})
        assert response.status_code == 404
        assert "别人家" not in words(response)
    assert Child.objects.get().nickname == "别人家"


def test_a_name_cannot_break_out_of_the_page(client: Client, guardian: User) -> None:
    a_child(guardian, "<b>x</b>&\"'")
    assert "<b>x</b>" not in client.get(URL).content.decode()


def test_a_no_and_a_delete_need_the_token(guardian: User) -> None:
    name = name_of(a_child(guardian))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(guardian)
    for url in (f"{URL}add/", f"{URL}{name}/", f"{URL}{name}/delete/"):
        assert strict.post(url, FILLED).status_code == 403
    assert Child.objects.get().birth_month == BORN


def test_only_known_words_are_said_above_the_list(client: Client) -> None:
    assert "notice-ok" not in words(client.get(f"{URL}?done=<b>"))


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(client: Client, guardian: User, how_many: int) -> None:
    for name in ("一一", "二二", "三三")[:how_many]:
        a_child(guardian, name)
    client.get(URL)
    with counted(default=3, minors=1, keys=1):  # session, user, consents
        assert words(client.get(URL)).count("岁") >= how_many
