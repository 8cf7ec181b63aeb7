"""Closing one's account on its page: what it says before, what it does, what one still sees with no account."""

import json
import re
from functools import partial

import pytest
from django.test import Client

from accounts.models import PhoneBinding, User
from accounts.services.guardians import find_guardian
from enrollment.enums import BookingState
from enrollment.models import TrialBooking
from privacy.erasure.enums import JobState, Reason, Scope
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.certifying import read_file
from privacy.erasure.services.running import run
from privacy.minors.models import Child
from privacy.rights.enums import RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from tests.children import a_child, an_invitation, joins, name_of
from tests.enrollment.test_class_changes import at_once
from tests.families import a_guardian, a_seat
from tests.own_pages import an_hour_passes, comes_in, number_of
from tests.places import a_class

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOME = "/account/privacy/"
CLOSE = f"{HOME}close/"
ERASE = f"{HOME}write/erase/"


@pytest.fixture
def guardian() -> User:
    """Somebody with a seat in a class to come."""
    mine = a_guardian()
    a_seat(a_class(), mine)
    return mine


@pytest.fixture
def browser(guardian: User) -> Client:
    return comes_in(guardian)


def words(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def works() -> ErasureJob:
    """A worker comes by until everything that can go is gone."""
    job = ErasureJob.objects.get()
    assert run(job_id=job.pk)
    job.refresh_from_db()
    assert job.state in (JobState.WAITING, JobState.DONE)
    return job


def receipt_on(page: str) -> str:
    found = re.search(r'id="to-copy">([A-Z0-9-]{23})<', page)
    assert found
    return found[1]


@pytest.mark.clause("X1-6-6a", "X1-6-6b", "X2-5.5.1")
def test_the_page_says_what_ends_what_stays_and_what_is_unfinished(browser: Client, guardian: User) -> None:
    booking = TrialBooking.objects.of(guardian.pk).get()
    an_hour_passes(browser)

    page = words(browser, CLOSE)

    assert f"/trial/{booking.public_id}/cancel/" in page
    assert booking.reference in page
    assert "依法留" in page
    assert re.search(r"留到 \d{4} 年 \d+ 月 \d+ 日", page)
    assert "恢复不了" in page
    assert f"{HOME}export/" in page
    assert 'data-busy="正在注销…"' not in page  # the code comes first
    assert f"{HOME}confirm/?next=%2Faccount%2Fprivacy%2Fclose%2F" in page
    assert number_of(guardian) not in page


def test_what_is_open_elsewhere_is_one_tap_away(browser: Client, guardian: User) -> None:
    browser.post(f"{HOME}write/rectify/", {"words": "写错了"})
    asked = DataSubjectRequest.objects.of(guardian.pk).get()

    assert f"{HOME}requests/{asked.public_id}/" in words(browser, CLOSE)


@pytest.mark.clause("L-PP-4.7-5", "X2-5.5.2b")
def test_closing_acts_at_once_and_this_browser_still_sees_how_it_goes(
    browser: Client, guardian: User
) -> None:
    phone, elsewhere = number_of(guardian), comes_in(guardian)

    course = browser.post(CLOSE)["Location"]

    request = DataSubjectRequest.objects.get(kind=RequestKind.CLOSE_ACCOUNT)
    assert course == f"{HOME}requests/{request.public_id}/erasure/"
    assert request.state == RequestState.EXECUTING
    assert (ErasureJob.objects.get().reason, ErasureJob.objects.get().scope) == (Reason.CLOSED, Scope.PERSON)
    for left in (browser, elsewhere):
        assert left.get("/account/")["Location"].startswith("/account/login/")
    assert find_guardian(phone=f"+86{phone}") is None
    answer = browser.get(course)
    assert answer["Refresh"] == "5"
    assert "正在删除" in answer.content.decode()
    assert "Refresh" not in browser.get(f"{course}?wait=no")
    assert browser.get(f"{HOME}requests/{request.public_id}/")["Location"] == course
    assert browser.get(CLOSE)["Location"] == course
    # To everybody else the page is not there.
    assert elsewhere.get(course)["Location"].startswith("/account/login/")
    assert comes_in(a_guardian()).get(course).status_code == 404


@pytest.mark.clause("L-PP-4.1-3g", "X1-6-6c")
def test_what_went_and_what_stays_is_certified_here_and_behind_the_receipt(
    browser: Client, guardian: User
) -> None:
    course, number = browser.post(CLOSE)["Location"], number_of(guardian)
    receipt = receipt_on(words(browser, course))
    stranger = Client()
    followed = f"/privacy/ask/{receipt}/"
    assert stranger.get(f"{followed}certificate/").status_code == 404  # not before it is there
    works()

    page = words(browser, course)
    assert "看删除凭证" in page
    assert receipt in page
    shown = words(browser, course.replace("erasure", "certificate"))
    assert "刚刚核对过" in shown
    file = browser.get(course.replace("erasure/", "certificate.json"))
    assert "attachment" in file["Content-Disposition"]
    told = read_file(file.content)
    assert told["reason"]["code"] == Reason.CLOSED
    assert number not in file.content.decode()
    assert str(guardian.pk) not in file.content.decode()

    page = words(stranger, followed)
    assert "已经删除" in page  # our answer, for which there is no account to log in to
    assert f"{followed}certificate/" in page
    assert "刚刚核对过" in words(stranger, f"{followed}certificate/")
    assert stranger.get(f"{followed}certificate.json").content == file.content
    assert stranger.get("/privacy/ask/AAAAA-BBBBB-CCCCC-DDDDD/certificate/").status_code == 404


@pytest.mark.clause("X2-5.5.2b")
def test_the_same_number_begins_anew_and_inherits_nothing(browser: Client, guardian: User) -> None:
    number = number_of(guardian)
    browser.post(CLOSE)
    works()

    anew = a_guardian(number)
    client = comes_in(anew)

    assert anew.pk != guardian.pk
    assert not User.objects.filter(pk=guardian.pk).exists()
    assert PhoneBinding.objects.live().filter(user=anew).exists()
    assert "还没有。提了以后" in words(client, HOME)
    assert not TrialBooking.objects.of(anew.pk).exists()


def test_both_of_two_taps_end_in_one_closing(browser: Client, guardian: User) -> None:
    taps = [browser, Client()]
    taps[1].cookies.update(browser.cookies)

    answers = at_once(*[partial(tap.post, CLOSE) for tap in taps])

    course = f"{HOME}requests/{DataSubjectRequest.objects.get().public_id}/erasure/"
    where = [answer["Location"] for answer in answers]
    assert course in where
    assert all(each == course or each.startswith("/account/login/") for each in where)
    assert ErasureJob.objects.count() == 1


@pytest.mark.parametrize("barred", ["restricted", "suspended", "withdrawn"])
def test_whoever_may_do_nothing_else_may_still_leave(browser: Client, guardian: User, barred: str) -> None:
    if barred == "suspended":
        User.objects.filter(pk=guardian.pk).update(is_active=False)
    else:
        browser.post(f"{HOME}{'restrict' if barred == 'restricted' else 'withdraw'}/", {"action": "restrict"})

    assert "要注销账号吗" in words(browser, CLOSE)
    where = browser.post(CLOSE)["Location"]
    works()

    assert "看删除凭证" in words(browser, where)
    assert not User.objects.filter(pk=guardian.pk).exists()


def test_what_a_minor_filled_in_alone_goes_without_debate(browser: Client, guardian: User) -> None:
    where = browser.post(ERASE, {"reason": "minor_alone"})["Location"]

    job = ErasureJob.objects.get()
    assert job.reason == Reason.MINOR_ALONE
    assert where.endswith("/erasure/")
    assert browser.get("/account/")["Location"].startswith("/account/login/")
    works()
    assert "看删除凭证" in words(browser, where)


def test_who_wants_a_part_only_is_read_first(browser: Client, guardian: User) -> None:
    browser.post(ERASE, {"reason": "minor_alone", "words": "只删发给我的短信"})

    assert not ErasureJob.objects.exists()
    assert browser.get("/account/").status_code == 200


@pytest.mark.clause("X2-5.4a", "X1-6-3")
@pytest.mark.parametrize("reason", ["asked", "no_longer_needed", "unlawful"])
def test_other_reasons_are_looked_at_first_and_a_reproach_reaches_the_officer(
    browser: Client, guardian: User, reason: str
) -> None:
    where = browser.post(ERASE, {"reason": reason, "words": "都删掉"})["Location"]

    assert not ErasureJob.objects.exists()
    mine = DataSubjectRequest.objects.of(guardian.pk)
    asked = mine.get(kind=RequestKind.ERASE)
    assert str(Reason(reason).label) in str(asked.words)
    assert mine.filter(kind=RequestKind.UNLAWFUL, at_once=True).exists() == (reason == "unlawful")
    page = words(browser, where)
    assert receipt_on(page)
    assert browser.get(f"{HOME}requests/{asked.public_id}/erasure/")["Location"] == where.split("?")[0]
    assert browser.get(f"{HOME}requests/{asked.public_id}/certificate/").status_code == 404


def test_a_reproach_is_still_looked_into_when_the_account_is_gone(browser: Client, guardian: User) -> None:
    browser.post(ERASE, {"reason": "unlawful"})
    browser.post(CLOSE)
    works()

    assert DataSubjectRequest.objects.get(kind=RequestKind.ERASE).state == RequestState.WITHDRAWN
    assert DataSubjectRequest.objects.get(kind=RequestKind.UNLAWFUL).state == RequestState.ACCEPTED


def test_a_child_looked_after_alone_goes_at_once_with_a_certificate_of_its_own(
    browser: Client, guardian: User
) -> None:
    child = a_child(guardian)
    TrialBooking.objects.of(guardian.pk).update(child_id=child)

    where = browser.post(f"{ERASE}?for=ward", {"child": name_of(child)})["Location"]

    job = works()
    assert (job.scope, job.reason) == (Scope.CHILD, Reason.GUARDIAN)
    assert not Child.objects.filter(pk=child).exists()
    seat = TrialBooking.objects.of(guardian.pk).get()  # the family's, who come all the same
    assert (seat.state, seat.child_id == child) == (BookingState.BOOKED, False)
    assert browser.get("/account/").status_code == 200
    page = words(browser, where)
    assert "看删除凭证" in page
    assert "账号已经注销" not in page
    certificate = browser.get(where.replace("erasure/", "certificate.json")).content
    assert read_file(certificate)["scope"]["code"] == Scope.CHILD
    assert str(child) not in certificate.decode()


def test_a_child_somebody_else_looks_after_too_is_not_gone_by_one_s_word(
    browser: Client, guardian: User
) -> None:
    child, other = a_child(guardian), a_guardian()
    joins(other, an_invitation(guardian, child))

    where = browser.post(f"{ERASE}?for=ward", {"child": name_of(child)})["Location"]

    assert where.endswith("?done=filed")
    assert not ErasureJob.objects.exists()
    assert Child.objects.filter(pk=child).exists()


URL = "/api/v1/data-subject-requests/"


def test_by_api_too_with_the_receipt_in_the_answer(browser: Client, guardian: User) -> None:
    body = json.dumps({"kind": "close_account"})
    made = browser.post(URL, body, content_type="application/json").json()

    assert made["erasure"]["state"] == JobState.QUEUED
    mine = f"{URL}{made['id']}/"
    assert browser.get(URL).status_code == 401
    assert browser.get(mine).json()["receipt"] == made["receipt"]
    assert Client().get(mine).status_code == 401
    assert browser.get(f"{mine}certificate/").json()["code"] == "not_ready"
    works()
    assert browser.get(mine).json()["erasure"]["percent"] == 100
    assert read_file(browser.get(f"{mine}certificate/").content)["reason"]["code"] == Reason.CLOSED
    assert Client().get(f"{mine}certificate/").status_code == 401
    assert "已经删除" in words(Client(), f"/privacy/ask/{made['receipt']}/")
