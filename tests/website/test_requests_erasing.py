"""Officers and erasures: a child's and a dead relative's plan, the approval that begins it, how far it is."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.addresses import NumberOf
from accounts.models import User
from leap.roles import AUDITOR, MINORS_OFFICER, PRIVACY_OFFICER
from messaging.enums import MessageState
from messaging.models import Message
from messaging.services import deliver, text_of
from privacy.audit.models import AuditEvent
from privacy.erasure.enums import JobState, Reason, Scope
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.running import run
from privacy.keystore.blind_index import blind_index
from privacy.keystore.services import restrict_keys
from privacy.rights.enums import OnBehalf, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import accept
from tests.children import a_child
from tests.erasing import a_certificate, a_job, a_notice, a_rest, fails
from tests.families import a_guardian, a_seat
from tests.people import new_phone
from tests.places import a_class
from tests.queries import counted
from tests.rights.asking import an_officer, asks
from tests.staff import a_member_of_staff, signed_in
from website.services.receipts import receipt_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DESK = "/staff/requests/"


@pytest.fixture
def officer() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER, username="officer-one"))


@pytest.fixture
def colleague() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER, username="officer-two"))


def ready(request: DataSubjectRequest) -> DataSubjectRequest:
    """The same, its person proved by papers, being dealt with."""
    if request.state != RequestState.ACCEPTED:
        accept(request=request, by=an_officer())
        request.refresh_from_db()
    return request


def press(client: Client, request: DataSubjectRequest, **named: str) -> object:
    """Read the plan and press its button; the answer."""
    address = f"{DESK}{request.public_id}/plan/"
    shown = (client.post(address, named) if named else client.get(address)).context
    posted = {"seen": shown["file"].seen, "digest": shown["digest"], "of": shown["of"]}
    return client.post(address, posted)


# Whose


def test_a_child_s_plan_is_of_the_child_alone(officer: Client, colleague: Client) -> None:
    guardian, other = a_guardian(), a_guardian()
    a_seat(a_class(), guardian)
    child = a_child(guardian)
    request = ready(asks(RequestKind.ERASE, guardian=guardian, on_behalf=OnBehalf.WARD, concerning_id=child))
    assert "删除这个孩子，会做什么" in officer.get(f"{DESK}{request.public_id}/plan/").content.decode()
    assert press(officer, request).status_code == 303
    assert press(colleague, request)["Location"] == f"{DESK}{request.public_id}/erasure/"

    job = ErasureJob.objects.get()
    assert (job.scope, job.subject_id, job.reason) == (Scope.CHILD, child, Reason.GUARDIAN)
    assert User.objects.filter(pk__in=[guardian.pk, other.pk]).count() == 2


def test_who_asked_in_their_account_learns_how_to_follow_it(officer: Client, colleague: Client) -> None:
    phone = new_phone()
    request = ready(asks(RequestKind.ERASE, guardian=a_guardian(phone)))
    press(officer, request)
    press(colleague, request)
    job = ErasureJob.objects.get()
    message = Message.objects.get(recipient_kind="erased")
    request.refresh_from_db()
    assert f"用回执号{receipt_of(request)}打开" in str(text_of(message)[0])
    assert NumberOf().number_of("erased", message.recipient_id) == f"+86{phone}"

    deliver(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.sent_to_index) == (
        MessageState.SENT,
        blind_index("message.number", f"+86{phone}"),
    )

    assert run(job_id=job.pk), list(job.steps.values_list("name", "failure"))
    assert not Message.objects.filter(recipient_kind="erased").exists()
    assert NumberOf().number_of("erased", job.pk) is None


def test_whoever_stays_is_told_when_it_is_done(officer: Client, colleague: Client) -> None:
    guardian = a_guardian()
    child = a_child(guardian)
    request = ready(asks(RequestKind.ERASE, guardian=guardian, on_behalf=OnBehalf.WARD, concerning_id=child))
    press(officer, request)
    press(colleague, request)
    assert run(job_id=ErasureJob.objects.get().pk)
    assert Message.objects.filter(recipient_id=guardian.pk, template="rights_answered").count() == 1


def test_both_officers_name_the_account_of_somebody_who_died(officer: Client, colleague: Client) -> None:
    theirs, another = new_phone(), new_phone()
    relative, stranger = a_guardian(theirs), a_guardian(another)
    request = ready(asks(RequestKind.ERASE, on_behalf=OnBehalf.DECEASED))
    address = f"{DESK}{request.public_id}/plan/"
    assert "删除哪个账号" in officer.get(address).content.decode()
    assert officer.post(address, {"phone": new_phone()}).status_code == 422
    assert press(officer, request, phone=theirs).status_code == 303

    assert press(colleague, request, phone=another).status_code in {409, 422}
    assert not ErasureJob.objects.exists()
    assert press(colleague, request, phone=theirs).status_code == 303
    assert ErasureJob.objects.get().subject_id == relative.pk
    assert stranger.pk != relative.pk


def test_an_account_named_by_hand_in_the_form_is_not_taken(officer: Client) -> None:
    victim, request = a_guardian(), ready(asks(RequestKind.ERASE, on_behalf=OnBehalf.DECEASED))
    shown = officer.post(f"{DESK}{request.public_id}/plan/", {"of": str(victim.pk), "digest": "0" * 40})

    assert "删除哪个账号" in shown.content.decode()
    assert not ErasureJob.objects.exists()


# The approval


def test_nobody_begins_an_erasure_without_the_right_to(officer: Client) -> None:
    request = ready(asks(RequestKind.ERASE))
    assert press(officer, request).status_code == 303
    colleague = signed_in(a_member_of_staff(PRIVACY_OFFICER, username="officer-two"))
    Group.objects.get(name=PRIVACY_OFFICER).permissions.remove(
        Permission.objects.get(codename="approve_erasure")
    )

    assert press(colleague, request).status_code == 403
    request.refresh_from_db()
    assert request.state == RequestState.PLANNED
    assert not ErasureJob.objects.exists()


def test_what_changed_since_it_was_listed_is_not_begun(officer: Client, colleague: Client) -> None:
    guardian = a_guardian()
    request = ready(asks(RequestKind.ERASE, guardian=guardian))
    assert press(officer, request).status_code == 303
    address = f"{DESK}{request.public_id}/plan/"
    before = colleague.get(address).context
    a_seat(a_class(), guardian)
    posted = {"seen": before["file"].seen, "digest": before["digest"]}

    assert colleague.post(address, posted).status_code == 422
    assert "不能照原计划批准" in colleague.get(address).content.decode()
    assert not ErasureJob.objects.exists()


@pytest.mark.parametrize(
    ("kinds", "words", "reason"),
    [
        ((RequestKind.CLOSE_ACCOUNT,), "", Reason.CLOSED),
        ((RequestKind.ERASE,), "", Reason.ASKED),
        ((RequestKind.ERASE,), f"原因：{Reason.NO_LONGER_NEEDED.label}\n谢谢", Reason.NO_LONGER_NEEDED),
        ((RequestKind.ERASE,), "我不用了", Reason.ASKED),
    ],
)
def test_the_reason_is_the_one_that_was_given(
    officer: Client, colleague: Client, kinds: tuple[RequestKind, ...], words: str, reason: Reason
) -> None:
    request = ready(asks(*kinds, words=words))
    press(officer, request)
    press(colleague, request)

    assert ErasureJob.objects.get().reason == reason


# How far it is


def test_the_page_looks_again_by_itself_until_it_is_through(officer: Client) -> None:
    request = asks(RequestKind.ERASE)
    job, address = a_job(request), f"{DESK}{request.public_id}/erasure/"
    assert officer.get(address)["Refresh"] == "5"
    ErasureJob.objects.filter(pk=job.pk).update(state=JobState.WAITING, unreadable_at=timezone.now())
    through = officer.get(address)

    assert "Refresh" not in through
    assert "自己刷新" not in through.content.decode()
    assert not AuditEvent.objects.filter(action="request.read").exists()


def test_the_request_shows_steps_failures_and_what_was_left(officer: Client) -> None:
    request = asks(RequestKind.ERASE)
    job = a_job(request, done=3)
    fails(job)
    a_rest(job, days=30)
    notice = a_notice(job)
    a_certificate(job)
    shown = officer.get(f"{DESK}{request.public_id}/").content.decode()
    day = timezone.localdate() + timedelta(days=30)

    for words in ('value="3" max="7"', "没做成，会再试", "试了 3 次", f"留到 {day:%Y-%m-%d}", "签名对得上"):
        assert words in shown
    assert f"/staff/retention/told/{notice.pk}/" in shown


def test_whoever_may_not_see_the_request_does_not_see_its_erasure(officer: Client) -> None:
    request = asks(RequestKind.ERASE)
    assert officer.get(f"{DESK}{request.public_id}/erasure/").status_code == 404
    a_job(request)
    address = f"{DESK}{request.public_id}/erasure/"

    assert signed_in(a_member_of_staff(MINORS_OFFICER)).get(address).status_code == 404
    auditor = signed_in(a_member_of_staff(AUDITOR)).get(address)
    assert auditor.status_code == 200
    assert "<button" not in auditor.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


def test_what_is_left_of_somebody_gone_is_read_by_no_officer_in_passing(officer: Client) -> None:
    request = asks(RequestKind.QUESTION, words="上周的预约写错了名字")
    job = a_job(asks(RequestKind.ERASE))
    job.subjects.create(kind="guardian", subject_id=None, alias=request.subject_id)
    restrict_keys(request.pk)
    address = f"{DESK}{request.public_id}/"
    shown = officer.get(address).content.decode()

    assert "写的话只能为法定目的查阅" in shown
    assert "余留只能为法定目的查阅" in shown
    assert "写错了名字" not in shown
    assert officer.get(f"{address}found/rights.datasubjectrequest/").status_code == 404


@pytest.mark.parametrize("times", [1, 3])
def test_the_progress_costs_the_same_however_much_there_is(officer: Client, times: int) -> None:
    request = asks(RequestKind.ERASE)
    job = a_job(request)
    for number in range(times):
        a_rest(job)
        a_notice(job)
        a_certificate(job, version=number + 1)
    address = f"{DESK}{request.public_id}/erasure/"
    officer.get(address)

    with counted(default=10):
        assert officer.get(address).status_code == 200
