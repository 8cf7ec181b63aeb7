"""The officers' pages of requests: who gets in, what stands where, what each press does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE, MINORS_OFFICER, PRIVACY_OFFICER
from privacy.audit.models import AuditEvent
from privacy.rights.enums import Entrance, Identity, OnBehalf, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.restricting import is_restricted
from tests.families import a_guardian, acting
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

WORDS = "上周的预约写错了名字"


def a_request(*kinds: RequestKind, of: User | None = None, **asked: Any) -> DataSubjectRequest:
    """What a guardian, a new one unless said otherwise, asks in their account."""
    guardian = of or a_guardian()
    return file_request(
        asked=Asked(kinds=kinds or (RequestKind.QUESTION,), words=WORDS, **asked),
        subject_id=guardian.pk,
        entrance=Entrance.ACCOUNT,
        identity=Identity.STEPPED_UP,
        by=acting(guardian),
    ).request


def due(request: DataSubjectRequest, days: float) -> DataSubjectRequest:
    """The same, due so many days from now."""
    DataSubjectRequest.objects.filter(pk=request.pk).update(due_at=timezone.now() + timedelta(days=days))
    request.refresh_from_db()
    return request


@pytest.fixture
def officer() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER, username="officer-one"))


@pytest.fixture
def colleague() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER, username="officer-two"))


def page(client: Client, request: DataSubjectRequest, part: str = "") -> str:
    response = client.get(f"/staff/requests/{request.public_id}/{part}")
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def press(client: Client, request: DataSubjectRequest, part: str, **posted: str) -> object:
    """Open the request, press a button of its page; the answer."""
    seen = client.get(f"/staff/requests/{request.public_id}/").context["file"].seen
    return client.post(f"/staff/requests/{request.public_id}/{part}/", {"seen": seen, **posted})


# Who gets in


@pytest.mark.parametrize("address", ["", "numbers/", "new/"])
def test_only_those_who_have_to_do_with_requests_get_in(address: str) -> None:
    for role in (CAMPUS, HEAD_OFFICE):
        assert signed_in(a_member_of_staff(role)).get(f"/staff/requests/{address}").status_code == 403
    assert signed_in(a_guardian()).get(f"/staff/requests/{address}").status_code == 302
    door = Client().get(f"/staff/requests/{address}")
    assert door.status_code == 302
    assert door["Location"].startswith("/staff/login/")


def test_a_minors_officer_works_what_concerns_a_child_and_finds_nothing_else() -> None:
    minors = signed_in(a_member_of_staff(MINORS_OFFICER))
    ours, other = a_request(on_behalf=OnBehalf.WARD), a_request()
    listed = minors.get("/staff/requests/").content.decode()

    assert ours.reference in listed
    assert other.reference not in listed
    assert WORDS in page(minors, ours)
    for part in ("", "reply/", "ask/", "found/accounts.user/"):
        assert minors.get(f"/staff/requests/{other.public_id}/{part}").status_code == 404
    assert minors.post(f"/staff/requests/{other.public_id}/take/").status_code == 404


def test_an_auditor_reads_the_course_of_things_without_words_and_does_nothing() -> None:
    auditor, request = signed_in(a_member_of_staff(AUDITOR)), a_request()
    shown = page(auditor, request)

    assert request.reference in auditor.get("/staff/requests/").content.decode()
    assert "经过" in shown
    assert WORDS not in shown
    assert "138****" not in shown
    for part in ("take", "accept", "grant", "ask", "reply", "refuse", "agree", "papers", "plan", "run"):
        assert auditor.post(f"/staff/requests/{request.public_id}/{part}/").status_code == 403
    assert auditor.get(f"/staff/requests/{request.public_id}/found/accounts.user/").status_code == 403
    assert auditor.post("/staff/requests/find/", {"q": request.reference}).status_code == 403


def test_each_look_at_a_request_is_on_record(officer: Client) -> None:
    request = a_request()
    page(officer, request)

    look = AuditEvent.objects.get(action="request.read")
    assert (look.subject_id, look.actor_kind) == (request.subject_id, "staff")
    assert str(request.pk) in look.target


def test_a_look_at_what_is_not_theirs_leaves_no_trace_of_a_person() -> None:
    minors, other = signed_in(a_member_of_staff(MINORS_OFFICER)), a_request()
    minors.get(f"/staff/requests/{other.public_id}/")

    assert not AuditEvent.objects.filter(action="request.read").exists()


# The inbox


def test_what_cannot_wait_comes_first_then_what_is_overdue_then_by_the_day(officer: Client) -> None:
    later, soon = due(a_request(), 12), due(a_request(), 3)
    overdue, at_once = due(a_request(), -2), due(a_request(RequestKind.LEAK), 9)
    shown = officer.get("/staff/requests/").content.decode()
    places = [shown.index(one.reference) for one in (at_once, overdue, soon, later)]

    assert places == sorted(places)
    assert "1 件已经超期" in shown
    assert "超期 2 天" in shown


def test_filters_show_what_they_say(officer: Client) -> None:
    question, leak = a_request(), a_request(RequestKind.LEAK)

    assert question.reference not in officer.get("/staff/requests/?show=at_once").content.decode()
    assert leak.reference not in officer.get("/staff/requests/?kind=question").content.decode()
    assert leak.reference not in officer.get("/staff/requests/?show=closed").content.decode()
    assert officer.get("/staff/requests/?show=nonsense&kind=nonsense&page=x").status_code == 200


def test_found_by_reference_and_by_a_whole_number_that_stands_nowhere(officer: Client) -> None:
    guardian = a_guardian("13800008123")
    request = a_request(of=guardian)
    by_reference = officer.post("/staff/requests/find/", {"q": request.reference.lower().replace("-", " ")})
    by_number = officer.post("/staff/requests/find/", {"q": "138 0000 8123"})

    for answer in (by_reference, by_number):
        assert answer.status_code == 303
        assert answer["Location"] == f"/staff/requests/{request.public_id}/"
    unknown = officer.post("/staff/requests/find/", {"q": "13800008124"}).content.decode()
    part = officer.post("/staff/requests/find/", {"q": "8123"}).content.decode()
    for shown in (unknown, part, officer.get("/staff/requests/").content.decode()):
        assert "8123" not in shown
    assert AuditEvent.objects.filter(action="request.searched", subject_id=guardian.pk).exists()


# One request


def test_a_request_stands_on_one_page_with_its_number_masked(officer: Client) -> None:
    guardian = a_guardian("13800008125")
    shown = page(officer, a_request(RequestKind.ACCESS, of=guardian))

    assert WORDS in shown
    assert "138****8125" in shown
    assert "13800008125" not in shown
    assert "15 个工作日" in shown
    assert "手机绑定" in shown or "手机" in shown


def test_what_we_hold_is_shown_through_the_mask_and_on_record(officer: Client) -> None:
    guardian = a_guardian("13800008126")
    request = a_request(RequestKind.ACCESS, of=guardian)
    shown = page(officer, request, "found/accounts.phonebinding/")

    assert "138****8126" in shown
    assert "13800008126" not in shown
    assert AuditEvent.objects.filter(action="holdings.read", subject_id=guardian.pk).exists()
    assert officer.get(f"/staff/requests/{request.public_id}/found/no.such/").status_code == 404


def test_a_colleague_who_has_it_open_is_named(officer: Client, colleague: Client) -> None:
    request = a_request()
    page(officer, request)

    assert "officer-one" in page(colleague, request)
    assert "刚刚也打开了" not in page(officer, request)


def test_of_two_officers_the_second_learns_that_somebody_was_faster(
    officer: Client, colleague: Client
) -> None:
    request = a_request()
    seen = colleague.get(f"/staff/requests/{request.public_id}/").context["file"].seen
    press(officer, request, "ask", question="请问是哪一次预约，大约什么时候？")
    late = colleague.post(
        f"/staff/requests/{request.public_id}/reply/",
        {"seen": seen, "body": "已经按您说的改好了，谢谢您告诉我们。", "final": "on"},
    )

    assert late.status_code == 409
    assert "有人先动了" in late.content.decode()
    assert "已经按您说的改好了，谢谢您告诉我们。" in late.content.decode()
    request.refresh_from_db()
    assert request.state == RequestState.NEED_INFO
    assert not request.replies.exists()


def test_a_press_that_left_the_state_alone_is_noticed_too(officer: Client, colleague: Client) -> None:
    request = a_request()
    seen = colleague.get(f"/staff/requests/{request.public_id}/").context["file"].seen
    press(officer, request, "take")

    late = colleague.post(f"/staff/requests/{request.public_id}/take/", {"seen": seen})

    assert late.status_code == 409
    request.refresh_from_db()
    assert request.handled_by == User.objects.get(username="officer-one").pk


def test_a_question_back_pauses_the_clock_and_is_written_down(officer: Client) -> None:
    request = a_request(RequestKind.RECTIFY)
    assert press(officer, request, "ask", question="").status_code == 422
    assert press(officer, request, "ask", question="请问想改成什么名字？").status_code == 303
    shown = page(officer, request)

    assert "期限暂停" in shown
    assert "请问想改成什么名字？" in shown


def test_a_reply_names_the_remedies_and_closes(officer: Client) -> None:
    request = a_request()
    assert "【】" in page(officer, request, "reply/")
    assert (
        press(officer, request, "reply", body="您问的是：【】。回答如下：【】。", final="on").status_code
        == 422
    )
    answer = press(officer, request, "reply", body="您问的是存多久。课后三十天就删除。", final="on")

    assert answer.status_code == 303
    request.refresh_from_db()
    assert request.state == RequestState.FULFILLED
    assert "12377" in page(officer, request)


@pytest.mark.clause("X1-6-8")
def test_a_refusal_counts_once_another_officer_agrees(officer: Client, colleague: Client) -> None:
    request = a_request(RequestKind.ACCESS)
    wrong = press(officer, request, "refuse", kind="access", code="", clause="", reason="不行")
    proposed = press(
        officer,
        request,
        "refuse",
        kind="access",
        code="harm_to_others",
        clause="《个人信息保护法》第二条",
        reason="您要看的这一段写的是另一位家长的情况，给您看会损害那位家长的隐私，其余内容可以看。",
    )
    alone = press(officer, request, "agree", kind="access")

    assert wrong.status_code == 422
    assert proposed.status_code == 303
    assert alone.status_code == 403
    assert "要另一位同事" in alone.content.decode()
    assert press(colleague, request, "agree", kind="access").status_code == 303
    assert (
        press(
            colleague, request, "reply", body="您要看的内容我们核对过了，结果如下。", final="on"
        ).status_code
        == 303
    )
    request.refresh_from_db()
    assert request.state == RequestState.REFUSED
    assert "另一位家长的情况" in page(officer, request)


def test_a_right_is_granted_by_its_deed_and_not_by_a_word(officer: Client) -> None:
    request = a_request(RequestKind.RECTIFY, RequestKind.ACCESS)

    assert press(officer, request, "grant", kind="rectify").status_code == 422
    assert press(officer, request, "grant", kind="access").status_code == 303
    assert press(officer, request, "grant", kind="nonsense").status_code == 409


def test_a_transfer_needs_all_four_conditions(officer: Client) -> None:
    request = a_request(RequestKind.TRANSFER)
    met = dict.fromkeys(("identity_verified", "by_consent_or_contract", "feasible"), "on")

    assert press(officer, request, "transfer", **met).status_code == 422
    assert press(officer, request, "transfer", **met, harms_nobody="on").status_code == 303
    assert request.rights.get().outcome == "granted"


def test_a_restriction_is_run_from_the_page(officer: Client) -> None:
    guardian = a_guardian()
    request = a_request(RequestKind.RESTRICT, of=guardian)

    assert press(officer, request, "run", kind="restrict").status_code == 303
    request.refresh_from_db()
    assert request.state == RequestState.FULFILLED
    assert request.restrictions.get().subject_id == guardian.pk


@pytest.mark.parametrize(
    ("kind", "on_behalf"),
    [
        (RequestKind.WITHDRAW, OnBehalf.WARD),
        (RequestKind.WITHDRAW, OnBehalf.DECEASED),
        (RequestKind.RESTRICT, OnBehalf.DECEASED),
        (RequestKind.EXPORT, OnBehalf.DECEASED),
    ],
)
def test_what_is_asked_for_somebody_else_is_not_done_to_whoever_asks(
    officer: Client, kind: RequestKind, on_behalf: OnBehalf
) -> None:
    guardian = a_guardian()
    request = a_request(kind, of=guardian, on_behalf=on_behalf)

    assert "现在执行" not in page(officer, request)
    assert press(officer, request, "run", kind=kind).status_code == 422
    assert not is_restricted(guardian.pk)
    assert DataSubjectRequest.objects.get().state == RequestState.ACCEPTED


def test_for_a_child_that_nobody_named_there_is_no_plan(officer: Client) -> None:
    request = a_request(RequestKind.ERASE, on_behalf=OnBehalf.WARD)

    assert "列出要做的事" not in page(officer, request)
    assert officer.get(f"/staff/requests/{request.public_id}/plan/").status_code == 404


def test_a_plan_is_approved_as_it_was_read(officer: Client, colleague: Client) -> None:
    guardian = a_guardian()
    request = a_request(RequestKind.ERASE, of=guardian)
    shown = officer.get(f"/staff/requests/{request.public_id}/plan/").context
    digest = shown["digest"]

    assert shown["plan"].lines
    assert press(officer, request, "plan", digest="0" * 40).status_code == 422
    assert press(officer, request, "plan", digest=digest).status_code == 303
    assert "批准，开始删除" not in page(officer, request, "plan/")
    alone = press(officer, request, "plan", digest=digest)
    assert (alone.status_code, "要另一位同事批准" in alone.content.decode()) == (422, True)
    assert "批准，开始删除" in page(colleague, request, "plan/")
    assert press(colleague, request, "plan", digest="0" * 40).status_code in {409, 422}
    assert not request.erasures.exists()
    assert press(colleague, request, "plan", digest=digest).status_code == 303
    request.refresh_from_db()
    assert request.state == RequestState.EXECUTING
    assert request.erasures.get().subject_id == guardian.pk


def test_whoever_works_with_requests_is_told_on_the_first_page() -> None:
    due(a_request(RequestKind.LEAK), -1)
    officer = signed_in(a_member_of_staff(PRIVACY_OFFICER))
    first = officer.get("/staff/").content.decode()

    assert "1 件要马上看" in first
    assert "1 件已经超期" in first
    assert "/staff/requests/" in first
    assert "/staff/requests/" not in signed_in(a_member_of_staff(CAMPUS)).get("/staff/").content.decode()
    assert "要马上看" not in signed_in(a_member_of_staff(AUDITOR)).get("/staff/").content.decode()


# Numbers


def test_numbers_of_a_year_and_a_month_to_take_along(officer: Client) -> None:
    due(a_request(), -1)
    a_request(RequestKind.ACCESS)
    today = timezone.localdate()
    shown = officer.get("/staff/requests/numbers/").content.decode()
    taken = officer.get(f"/staff/requests/numbers/{today.year}/{today.month}/")
    sheet = taken.content.decode("utf-8")

    assert "<svg" in shown
    assert "style=" not in shown
    assert sheet.startswith("\ufeff月,请求,收到")
    assert f"{today.month},合计,2,0,0,1,0" in sheet
    assert WORDS not in sheet
    assert officer.get("/staff/requests/numbers/2019/1/").status_code == 404
    assert officer.get(f"/staff/requests/numbers/{today.year}/13/").status_code == 404
    assert officer.get("/staff/requests/numbers/?year=x").status_code == 200
    auditor = signed_in(a_member_of_staff(AUDITOR))
    assert auditor.get(f"/staff/requests/numbers/{today.year}/{today.month}/").status_code == 200
