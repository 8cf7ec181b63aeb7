"""One request of one's own: our question and its answer, our reply with its remedies, somebody who was faster."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from kit.day_words import date_in_words
from privacy.actors import Actor
from privacy.rights.enums import RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest, RequestedRight
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.replying import reply
from tests.families import a_guardian
from tests.own_pages import comes_in
from tests.restricting import agrees_again, withdraws
from tests.rights.asking import an_officer, asks, now
from website.presenters.own_requests import what_next

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOME = "/account/privacy/"


@pytest.fixture
def browser() -> Client:
    return comes_in(a_guardian())


@pytest.fixture
def address(browser: Client) -> str:
    """The page of a question that was asked."""
    return browser.post(f"{HOME}write/question/", {"words": "存多久？"})["Location"].split("?")[0]


@pytest.fixture
def request_(address: str) -> DataSubjectRequest:
    return DataSubjectRequest.objects.get()


@pytest.fixture
def officer() -> Actor:
    return an_officer()


def words(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_our_question_is_answered_on_the_page_and_the_clock_goes_on(
    browser: Client, address: str, request_: DataSubjectRequest, officer: Actor
) -> None:
    ask_back(request=request_, question="您说的是哪一次？", by=officer)
    page = words(browser, address)
    assert "您说的是哪一次？" in page
    assert "我们有一个问题要问您，期限先停下" in page
    assert "在等您回答一个问题" in page

    assert browser.post(f"{address}answer/", {"answer": " "}).status_code == 422
    assert browser.post(f"{address}answer/", {"answer": "上一次"})["Location"] == f"{address}?done=answered"

    request_.refresh_from_db()
    assert request_.state == RequestState.ACCEPTED
    page = words(browser, address)
    assert "上一次" in page
    assert "最迟" in page
    # A second tap, or a page left open, finds the question answered.
    assert browser.post(f"{address}answer/", {"answer": "另一次"})["Location"] == f"{address}?done=moved"
    assert request_.pauses.get().answer == "上一次"


@pytest.mark.clause("X1-10c", "X2-11.3")
def test_our_reply_stands_with_what_can_be_done_about_it(
    browser: Client, address: str, request_: DataSubjectRequest, officer: Actor
) -> None:
    reply(request=request_, body="账号在用就一直存着，注销以后删除。", final=True, by=officer)

    page = words(browser, address)

    assert "账号在用就一直存着" in page
    assert "不满意的话" in page
    assert "12377" in page
    assert "撤回这个请求" not in page
    assert str(officer.id) not in page  # who answered is nobody's business but ours


def test_an_officer_who_was_faster_is_said_to_have_been(
    browser: Client, address: str, request_: DataSubjectRequest, officer: Actor
) -> None:
    assert "撤回这个请求" in words(browser, address)
    reply(request=request_, body="账号在用就一直存着，注销以后删除。", final=True, by=officer)

    answer = browser.post(f"{address}withdraw/")

    assert answer["Location"] == f"{address}?done=moved"
    assert "工作人员已经处理了" in words(browser, answer["Location"])
    request_.refresh_from_db()
    assert request_.state == RequestState.FULFILLED


def test_a_request_that_stopped_the_use_is_not_taken_back_but_agreed_to_again() -> None:
    guardian = a_guardian()
    browser, request = comes_in(guardian), withdraws(guardian)
    address = f"{HOME}requests/{request.public_id}/"
    assert "撤回这个请求" not in words(browser, address)

    pressed = browser.post(f"{address}withdraw/")

    assert pressed["Location"] == f"{address}?done=holds"
    assert "重新同意" in words(browser, pressed["Location"])
    assert now(request).state == RequestState.ACCEPTED
    agrees_again(guardian)
    other = asks(RequestKind.QUESTION, guardian=guardian)
    assert "撤回这个请求" in words(browser, f"{HOME}requests/{other.public_id}/")


def test_of_what_was_partly_done_list_and_page_say_until_when_the_rest_is(
    browser: Client, officer: Actor
) -> None:
    browser.post(f"{HOME}write/transfer/", {"words": "转给别的机构"})
    request = DataSubjectRequest.objects.get()
    day = timezone.localdate() + timedelta(days=20)
    RequestedRight.objects.create(request=request, kind=RequestKind.QUESTION)
    reply(request=request, body="问题答复了，转移还要些时间。", final=True, remains_until=day, by=officer)
    address = f"{HOME}requests/{request.public_id}/"

    for page in (words(browser, address), words(browser, f"{HOME}requests/")):
        assert f"余下的部分，最迟 {date_in_words(day)} 办到" in page
        assert "个工作日，周末" not in page
    with time_machine.travel(timezone.now() + timedelta(days=21)):
        late = what_next(now(request))
    assert "我们迟了" in late


def test_what_officers_note_among_themselves_is_not_told(
    browser: Client, address: str, request_: DataSubjectRequest, officer: Actor
) -> None:

    request_.events.create(what="warned", actor_kind="system")
    request_.events.create(what="taken", actor_kind="staff", actor_id=officer.id)

    page = words(browser, address)

    assert "warned" not in page
    assert "taken" not in page
    assert str(officer.id) not in page


def test_words_are_shown_and_never_run(browser: Client) -> None:
    where = browser.post(f"{HOME}write/question/", {"words": "<script>alert(1)</script>"})["Location"]

    assert "<script>alert" not in words(browser, where)
    assert "&lt;script&gt;alert" in words(browser, where)


def test_too_many_in_a_day_are_slowed_down_with_nothing_lost(browser: Client) -> None:
    for number in range(30):
        assert browser.post(f"{HOME}write/question/", {"words": f"第 {number} 问"}).status_code == 303

    answer = browser.post(f"{HOME}write/question/", {"words": "再问一个"})

    assert answer.status_code == 429
    assert "再问一个" in answer.content.decode()
