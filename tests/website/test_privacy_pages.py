"""A parent's pages of their own information: what they show, what they do at once, and to nobody else."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import PhoneBinding, User
from accounts.services.consents import wants_offers
from enrollment.models import TrialBooking
from privacy.consent.services import current_versions, has_agreed
from privacy.rights.enums import Identity, Outcome, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.restricting import is_restricted
from tests.children import a_child, name_of
from tests.families import a_guardian, a_seat
from tests.own_pages import an_hour_passes, comes_in, number_of
from tests.people import last_code, new_phone, texts_to
from tests.places import a_class
from website.services import own_requests

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOME = "/account/privacy/"
OPEN_PAGES = [
    HOME,
    f"{HOME}close/",
    f"{HOME}correct/",
    f"{HOME}explain/",
    f"{HOME}export/",
    f"{HOME}requests/",
    f"{HOME}restrict/",
    f"{HOME}say/",
    f"{HOME}write/question/",
    f"{HOME}write/rectify/",
    f"{HOME}write/rectify/?for=deceased",
    f"{HOME}write/transfer/",
]
CLOSED_PAGES = [
    f"{HOME}correct/number/",
    f"{HOME}export/?who=child",
    f"{HOME}see/",
    f"{HOME}see/accounts.user/",
    f"{HOME}withdraw/",
    f"{HOME}write/erase/",
    f"{HOME}write/rectify/?for=ward",
]


@pytest.fixture
def guardian() -> User:
    """Somebody with a seat in a class to come."""
    mine = a_guardian()
    a_seat(a_class(), mine)
    return mine


@pytest.fixture
def browser(guardian: User) -> Client:
    """They have just logged in with a code."""
    return comes_in(guardian)


def newest(guardian: User) -> DataSubjectRequest:
    found = DataSubjectRequest.objects.of(guardian.pk).first()
    assert found
    return found


def words(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("path", OPEN_PAGES + CLOSED_PAGES)
def test_strangers_are_led_to_the_login_and_back(path: str) -> None:
    answer = Client().get(path)

    assert answer["Location"].startswith("/account/login/?next=%2Faccount%2Fprivacy%2F")


@pytest.mark.parametrize("path", OPEN_PAGES + CLOSED_PAGES)
def test_every_page_opens_with_a_fresh_proof_and_is_kept_nowhere(browser: Client, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


@pytest.mark.parametrize("path", CLOSED_PAGES)
def test_values_and_what_cannot_be_undone_need_a_fresh_code(browser: Client, path: str) -> None:
    an_hour_passes(browser)

    assert browser.get(path)["Location"].startswith("/account/privacy/confirm/?next=%2Faccount%2Fprivacy%2F")


@pytest.mark.parametrize("path", ["restrict/", "withdraw/", "agree/", "write/erase/", "close/"])
def test_nor_does_a_post_get_past_it(browser: Client, guardian: User, path: str) -> None:
    an_hour_passes(browser)

    assert browser.post(f"{HOME}{path}", {"reason": "minor_alone"}).status_code in {303, 409}
    assert not is_restricted(guardian.pk)
    assert not DataSubjectRequest.objects.of(guardian.pk).exists()


@pytest.mark.clause("L-PP-4.7-1")
def test_the_first_page_counts_and_shows_no_value(browser: Client, guardian: User) -> None:
    a_child(guardian)
    page = words(browser, HOME)

    assert number_of(guardian) not in page
    assert "小豆包" not in page
    assert "1 条" in page
    for way in ("带走一份", "更正、补充", "限制使用", "撤回全部同意", "删除我的信息", "注销账号", "投诉"):
        assert way in page


@pytest.mark.clause("L-PP-4.7-1")
def test_the_values_are_the_holder_s_own_and_nobody_else_s(browser: Client, guardian: User) -> None:
    other = a_guardian()
    theirs = a_seat(a_class(), other)
    a_child(other, "别家孩子")
    mine = TrialBooking.objects.of(guardian.pk).get()

    page = words(browser, f"{HOME}see/")

    assert number_of(guardian) in page
    assert str(guardian.pk) in page
    assert mine.reference in page
    for foreign in (number_of(other), str(other.pk), theirs.reference, "别家孩子"):
        assert foreign not in page


def test_a_child_s_values_are_its_guardian_s_alone(browser: Client, guardian: User) -> None:
    mine, theirs = a_child(guardian), a_child(a_guardian(), "别家孩子")

    assert "小豆包" in words(browser, f"{HOME}see/?child={name_of(mine)}")
    for path in ("see/", "see/privacy_minors.child/", "export/"):
        post = browser.post if path == "export/" else browser.get
        assert post(f"{HOME}{path}?child={name_of(theirs)}").status_code == 404


@pytest.mark.parametrize("odd", ["0", "-1", "x", "９", "9" * 40])
def test_an_odd_page_number_breaks_nothing(browser: Client, odd: str) -> None:
    assert browser.get(f"{HOME}see/accounts.user/?page={odd}").status_code in {200, 404}


def test_no_kind_is_called_that(browser: Client) -> None:
    assert browser.get(f"{HOME}see/auth.permission/").status_code == 404


@pytest.mark.clause("X2-5.3a")
def test_restricting_and_lifting_are_one_press_each_and_on_record(browser: Client, guardian: User) -> None:
    phone = number_of(guardian)
    assert "会停下的" in words(browser, f"{HOME}restrict/")

    for _ in range(2):  # a second press finds it done
        answer = browser.post(f"{HOME}restrict/", {"action": "restrict"})
        assert answer["Location"] == f"{HOME}?done=restricted"
    assert is_restricted(guardian.pk)
    assert DataSubjectRequest.objects.of(guardian.pk).count() == 1
    assert newest(guardian).state == RequestState.FULFILLED
    assert "限制使用" in words(browser, HOME)
    assert phone in words(browser, f"{HOME}see/")  # their own eyes are not shut

    assert browser.post(f"{HOME}restrict/", {"action": "lift"})["Location"] == f"{HOME}?done=lifted"
    assert not is_restricted(guardian.pk)


@pytest.mark.clause("X2-5.3a", "X2-5.3b", "X2-5.3c")
def test_withdrawing_says_what_ends_ends_it_and_agreeing_again_restores(
    browser: Client, guardian: User
) -> None:
    booking = TrialBooking.objects.of(guardian.pk).get()
    page = words(browser, f"{HOME}withdraw/")
    assert booking.reference in page
    assert "不会结束的" in page

    answer = browser.post(f"{HOME}withdraw/")
    request = newest(guardian)
    assert answer["Location"] == f"{HOME}requests/{request.public_id}/"
    booking.refresh_from_db()
    assert booking.state == "cancelled"
    assert not has_agreed(subject=guardian.pk, document="privacy")
    assert "重新同意" in words(browser, f"{HOME}withdraw/")

    assert browser.post(f"{HOME}agree/").status_code == 422
    versions = {f"{name}_version": version for name, version in current_versions().items()}
    agreed = {"agree_terms": "on", "agree_privacy": "on"}
    old = {**versions, "privacy_version": "0.1"}
    assert browser.post(f"{HOME}agree/", {**agreed, **old}).status_code == 409
    assert browser.post(f"{HOME}agree/", {**agreed, **versions})["Location"] == f"{HOME}?done=agreed"
    assert has_agreed(subject=guardian.pk, document="privacy")
    assert not is_restricted(guardian.pk)


def test_nobody_agrees_again_without_end(
    browser: Client, guardian: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_requests, "MOST_REQUESTS", 1)
    versions = {f"{name}_version": version for name, version in current_versions().items()}
    yes = {"agree_terms": "on", "agree_privacy": "on", **versions}

    said = []
    for _ in range(2):
        browser.post(f"{HOME}withdraw/")
        said.append(browser.post(f"{HOME}agree/", yes)["Location"].partition("done=")[2])

    assert said == ["agreed", "too_often"]
    assert is_restricted(guardian.pk)  # a no is never refused


def test_back_from_the_code_it_is_asked_anew_whether_one_agrees(browser: Client) -> None:
    assert browser.get(f"{HOME}agree/")["Location"] == f"{HOME}withdraw/"


def test_an_optional_use_is_switched_by_itself(browser: Client, guardian: User) -> None:
    post = {"purpose": "marketing_sms"}
    browser.post(f"{HOME}consents/", {**post, "state": "yes"})
    assert wants_offers(guardian=guardian)
    assert "推广短信" in words(browser, HOME)

    browser.post(f"{HOME}consents/", {**post, "state": "no"})
    assert not wants_offers(guardian=guardian)
    assert browser.post(f"{HOME}consents/", {"purpose": "privacy", "state": "no"}).status_code == 303
    assert not DataSubjectRequest.objects.of(guardian.pk).exists()


@pytest.mark.clause("L-PP-4.7-2")
def test_what_cannot_be_corrected_is_said_with_the_reason(browser: Client, guardian: User) -> None:
    page = words(browser, f"{HOME}correct/")

    assert str(guardian.pk) in page
    assert "账号编号是随机的" in page
    assert "注册时间是系统当时记下的" in page


@pytest.mark.clause("X1-6-2", "LAW-20")
def test_a_child_is_put_right_at_once_and_that_stands_among_the_requests(
    browser: Client, guardian: User
) -> None:
    child = a_child(guardian)
    page = f"/account/children/{name_of(child)}/"

    for _ in range(2):  # what stands there already is no correction
        answer = browser.post(page, {"child_nickname": "小汤圆", "child_birth_month": "2021-05"})
        assert answer["Location"] == "/account/children/?done=corrected"

    request = DataSubjectRequest.objects.of(guardian.pk).get()
    assert (request.kind, request.state, request.concerning_id) == ("rectify", "fulfilled", child)
    corrected = request.corrections.get()
    assert (corrected.field, corrected.before, corrected.after) == ("child.nickname", None, None)
    shown = words(browser, f"{HOME}requests/{request.public_id}/")
    assert "改好了信息" in shown
    assert "小汤圆" not in shown


@pytest.mark.clause("L-PP-4.7-2")
def test_the_number_changes_by_proof_of_both(browser: Client, guardian: User) -> None:
    old, new = number_of(guardian), new_phone()
    page = f"{HOME}correct/number/"
    challenge = browser.post(page, {"phone": new, "action": "send_code"}).context["challenge"]

    answer = browser.post(page, {"phone": new, "code": last_code(new), "challenge": challenge})

    assert answer["Location"] == f"{HOME}?done=number"
    assert number_of(guardian) == new
    assert browser.get(HOME).status_code == 200  # this browser stays signed in
    assert texts_to(old)
    request = newest(guardian)
    assert (request.kind, request.state) == (RequestKind.RECTIFY, RequestState.FULFILLED)
    corrected = request.corrections.get()
    assert (corrected.before, corrected.after) == (f"{old[:3]}****{old[-4:]}", f"{new[:3]}****{new[-4:]}")


def test_a_number_that_is_somebody_s_is_not_taken_over(browser: Client, guardian: User) -> None:
    old, taken = number_of(guardian), number_of(a_guardian())
    page = f"{HOME}correct/number/"
    challenge = browser.post(page, {"phone": taken, "action": "send_code"}).context["challenge"]

    answer = browser.post(page, {"phone": taken, "code": last_code(taken), "challenge": challenge})

    assert answer.status_code == 409
    assert number_of(guardian) == old
    assert not DataSubjectRequest.objects.of(guardian.pk).exists()


def test_deletion_is_taken_up_honestly_and_can_be_taken_back(browser: Client, guardian: User) -> None:
    assert "15 个工作日" in words(browser, f"{HOME}write/erase/")

    where = browser.post(f"{HOME}write/erase/", {"reason": "asked", "words": ""})["Location"]

    request = newest(guardian)
    assert (request.kind, request.state, request.identity) == (
        RequestKind.ERASE,
        RequestState.ACCEPTED,
        Identity.STEPPED_UP,
    )
    page = words(browser, where)
    assert "最迟" in page
    assert PhoneBinding.objects.live().filter(user=guardian).exists()  # nothing pretends to be gone
    for _ in range(2):
        browser.post(f"{HOME}requests/{request.public_id}/withdraw/")
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN


@pytest.mark.parametrize(
    ("slug", "kind"),
    [
        ("complaint", "complaint"),
        ("explain", "explain"),
        ("leak", "leak"),
        ("misuse", "misuse"),
        ("question", "question"),
        ("rectify", "rectify"),
        ("suggestion", "suggestion"),
        ("supplement", "rectify"),
        ("transfer", "transfer"),
        ("unlawful", "unlawful"),
    ],
)
def test_whatever_is_written_reaches_us_under_its_kind(
    browser: Client, guardian: User, slug: str, kind: str
) -> None:
    page = f"{HOME}write/{slug}/"
    once = re.search(r'name="once" value="([^"]+)"', words(browser, page))
    assert once
    assert browser.post(page, {"words": "  "}).status_code == 422

    for _ in range(2):  # a second tap is the same request
        answer = browser.post(page, {"words": "我想说的话", "once": once[1]})
        assert answer.status_code == 303

    request = DataSubjectRequest.objects.of(guardian.pk).get()
    assert (request.kind, request.words) == (kind, "我想说的话")
    assert "我想说的话" in words(browser, answer["Location"])


def test_for_a_child_and_for_the_dead(browser: Client, guardian: User) -> None:
    mine, theirs = a_child(guardian), a_child(a_guardian())
    page = f"{HOME}write/rectify/"

    assert browser.post(f"{page}?for=ward", {"words": "改", "child": name_of(theirs)}).status_code == 422
    browser.post(f"{page}?for=ward", {"words": "改", "child": name_of(mine)})
    request = newest(guardian)
    assert (request.on_behalf, request.concerning_id) == ("ward", mine)

    assert browser.post(f"{page}?for=deceased", {"words": "改"}).status_code == 422
    browser.post(f"{page}?for=deceased", {"words": "改", "relation": "配偶"})
    assert newest(guardian).words == "配偶\n改"
    assert browser.get(f"{HOME}write/question/?for=ward").status_code == 404
    assert browser.get(f"{HOME}write/nothing/").status_code == 404


def test_nothing_written_is_lost_when_the_proof_ran_out_meanwhile(browser: Client, guardian: User) -> None:
    an_hour_passes(browser)

    answer = browser.post(f"{HOME}write/erase/", {"reason": "asked", "words": "只删去年的"})

    assert answer.status_code == 409
    assert "只删去年的" in answer.content.decode()
    assert not DataSubjectRequest.objects.of(guardian.pk).exists()


@pytest.mark.clause("X2-5.8b", "X1-10a")
def test_the_request_says_until_when_and_why_that_day(browser: Client, guardian: User) -> None:
    where = browser.post(f"{HOME}write/transfer/", {"words": "转给某机构"})["Location"]

    page = words(browser, where)
    request = newest(guardian)
    assert "15 个工作日" in page
    assert "收到了您的请求" in page
    request.due_at -= timedelta(days=60)
    request.save(update_fields=["due_at"])
    assert "我们迟了" in words(browser, where)
    assert request.rights.get().outcome == Outcome.PENDING
