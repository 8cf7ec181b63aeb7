"""The officers' board of keeping and deleting: who gets in, what stands where, what each press does."""

from collections import Counter
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import router
from django.test import Client
from django.utils import timezone

from enrollment.models import TrialBooking
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE, MINORS_OFFICER, PRIVACY_OFFICER
from privacy.audit.models import AuditEvent
from privacy.erasure.enums import JobState, Reason, RunKind, Why
from privacy.inventory.periods import period_of
from privacy.retention.enums import RunState
from privacy.retention.models import PurgeRun
from privacy.retention.rules import rules
from privacy.retention.services.purging import engine_rules
from privacy.rights.enums import OnBehalf, RequestKind
from tests.erasing import a_certificate, a_hold, a_job, a_notice, a_purge, a_rest, a_search, fails
from tests.families import a_guardian, a_seat
from tests.places import a_class
from tests.queries import counted
from tests.rights.asking import asks
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

BOARD = "/staff/retention/"


@pytest.fixture
def officer() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER))


def board(client: Client) -> str:
    response = client.get(BOARD)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def part(shown: str, name: str) -> str:
    """One section of the board."""
    return shown.split(f'id="{name}"', 1)[1].split("</section>", 1)[0]


# Who gets in


@pytest.mark.parametrize("address", ["", "certificates/"])
def test_only_those_who_have_to_do_with_it_get_in(address: str) -> None:
    for role in (CAMPUS, HEAD_OFFICE):
        assert signed_in(a_member_of_staff(role)).get(f"{BOARD}{address}").status_code == 403
    for role in (PRIVACY_OFFICER, MINORS_OFFICER, AUDITOR):
        assert signed_in(a_member_of_staff(role)).get(f"{BOARD}{address}").status_code == 200
    assert signed_in(a_guardian()).get(f"{BOARD}{address}").status_code == 302
    assert Client().get(f"{BOARD}{address}")["Location"].startswith("/staff/login/")


def test_an_auditor_presses_nothing() -> None:
    auditor, notice = signed_in(a_member_of_staff(AUDITOR)), a_notice(a_job())
    shown = board(auditor)

    assert "<button" not in shown.split("<main", 1)[1].split("</main>", 1)[0]
    for address in ("try/", "holds/new/", "remainders/", f"told/{notice.pk}/"):
        assert auditor.post(f"{BOARD}{address}").status_code == 403


def test_a_minors_officer_sees_the_erasures_that_concern_a_child() -> None:
    other = asks(RequestKind.ERASE)
    ward = asks(RequestKind.ERASE, on_behalf=OnBehalf.WARD)
    for request in (other, ward):
        job = a_job(request)
        a_rest(job)
        a_notice(job)
        a_certificate(job)
    minors = signed_in(a_member_of_staff(MINORS_OFFICER))
    shown = board(minors) + minors.get(f"{BOARD}certificates/").content.decode()

    assert ward.reference in shown
    assert other.reference not in shown
    stranger = other.erasures.get().recipients.get()
    assert minors.post(f"{BOARD}told/{stranger.pk}/").status_code == 404


# What stands where


def test_with_nothing_wrong_it_says_so(officer: Client) -> None:
    for kind in RunKind.values:
        a_search(RunKind(kind))
    assert "该删的都在按期删" in board(officer)


def test_what_has_to_be_seen_stands_first(officer: Client) -> None:
    fails(a_job())
    a_job(beat_at=timezone.now() - timedelta(minutes=5))
    a_purge(engine_rules()[0].name, state=RunState.PAUSED)
    a_hold(due=True)
    a_notice(a_job())
    a_certificate(a_job(), body='{"what":"nothing"}')
    a_search(RunKind.SCAN, findings=3)
    a_search(RunKind.CANARY, hours_ago=50)
    a_search(RunKind.SELF_TEST)
    shown = board(officer)
    first = shown.split('class="ret-see"', 1)[1].split("</ul>", 1)[0]

    for words in (
        "1 次删除有一步没做成",
        "1 次删除好一会儿没有动静",
        "1 条规则停着",
        "1 件依法保存到了复核日期",
        "1 个接收方还没有通知",
        "1 份凭证的签名对不上",
        "查残留没有通过",
        "每晚的演练没有通过",
    ):
        assert words in first
    assert "扫描器自检" not in first


def test_an_erasure_shows_its_steps_and_where_it_is(officer: Client) -> None:
    request = asks(RequestKind.ERASE)
    fails(a_job(request, done=3))
    shown = part(board(officer), "erasures")

    assert request.reference in shown
    assert 'value="3" max="7"' in shown
    assert "3/7 步，现在：清理缓存、队列和文件" in shown
    assert "“清理缓存、队列和文件”没做成，试了 3 次" in shown


def test_a_canary_stands_under_way_and_nowhere_else(officer: Client) -> None:
    running = a_job(reason=Reason.CANARY)
    over = a_job(reason=Reason.CANARY, state=JobState.WAITING)
    a_rest(over)
    a_notice(over)
    a_certificate(over)
    shown = board(officer)

    assert running.get_reason_display() in part(shown, "erasures")
    assert "没有余留" in part(shown, "rests")
    assert "还没有凭证" in part(shown, "proofs")
    assert 'id="notices"' not in shown


def test_a_self_test_names_what_it_missed(officer: Client) -> None:
    run = a_search(RunKind.SELF_TEST, findings=1)
    run.places = {"wal": {"found": 0, "missed": ["utf-16 in a page"]}, "slow_log": {"found": 0, "missed": []}}
    run.save()
    shown = board(officer)

    assert "漏掉：utf-16 in a page" in part(shown, "residue")
    assert "Redis 慢日志" in part(shown, "residue")
    assert "扫描器自检没有通过" in shown


def test_what_was_left_is_listed_by_the_day_it_ends(officer: Client) -> None:
    job = a_job(state=JobState.WAITING)
    for days, why in ((900, Why.LAW), (30, Why.LAW), (None, Why.HOLD)):
        a_rest(job, days=days, why=why)
    shown = part(board(officer), "rests")
    day = timezone.localdate() + timedelta(days=30)

    places = [shown.index(words) for words in (f"留到 {day:%Y-%m-%d}", "解除以前一直留着")]
    assert places == sorted(places)


def test_a_rule_says_how_long_why_and_how_much_goes_when(officer: Client) -> None:
    rule = rules["bookings.lead"] if "bookings.lead" in rules else engine_rules()[0]
    shown = part(board(officer), f"rule-{rule.name}")

    assert str(rule.title) in shown
    assert "还没有清理过" in shown
    assert period_of(rule.keep) is not None


def test_the_last_runs_stand_with_their_rule(officer: Client) -> None:
    rule = engine_rules()[0]
    a_purge(rule.name, rows=7, begun_at=timezone.now() - timedelta(days=1))
    a_purge(rule.name, rows=5, held=2, state=RunState.PAUSED)
    a_purge(rule.name, dry=True, due=41, of_all=50)
    shown = board(officer).split(f'id="rule-{rule.name}"', 1)[1].split("</details>", 1)[0]

    assert "删了 5 条" in shown
    assert "依法保存着 2 条" in shown
    assert "会删 41 条（共 50 条）" in shown
    assert "停着" in shown
    assert "删了 7 条" not in shown


def test_a_certificate_is_checked_as_it_is_shown(officer: Client) -> None:
    a_certificate(a_job())
    assert "签名对得上" in part(board(officer), "proofs")
    a_certificate(a_job(), body='{"what":"nothing"}')

    assert "签名对不上" in officer.get(f"{BOARD}certificates/").content.decode()


# What each press does


def test_trying_counts_and_deletes_nothing(officer: Client) -> None:
    a_seat(a_class())
    before, rule = TrialBooking.objects.count(), engine_rules()[0]
    response = officer.post(f"{BOARD}try/", {"rule": rule.name})

    assert (response.status_code, response["Location"]) == (303, f"{BOARD}#rule-{rule.name}")
    run = PurgeRun.objects.get()
    assert (run.rule, run.dry, run.rows) == (rule.name, True, 0)
    assert TrialBooking.objects.count() == before
    assert officer.post(f"{BOARD}try/", {"rule": "nothing"}).status_code == 404
    assert officer.get(f"{BOARD}try/").status_code == 303


def test_a_recipient_is_told_once_and_by_name(officer: Client) -> None:
    request = asks(RequestKind.ERASE)
    notice = a_notice(a_job(request))
    assert officer.get(f"{BOARD}told/{notice.pk}/").status_code == 303
    notice.refresh_from_db()
    assert notice.told_at is None

    officer.post(f"{BOARD}told/{notice.pk}/", {"back": "board"})
    notice.refresh_from_db()
    first = notice.told_at
    response = officer.post(f"{BOARD}told/{notice.pk}/")
    notice.refresh_from_db()

    assert response["Location"] == f"/staff/requests/{request.public_id}/"
    assert notice.told_at == first is not None
    told = AuditEvent.objects.get(action="recipient.told")
    assert (told.actor_id, told.subject_id) == (notice.told_by, request.subject_id)


# What it costs


@pytest.mark.parametrize("times", [1, 3])
def test_the_board_costs_the_same_however_much_there_is(officer: Client, times: int) -> None:
    for _ in range(times):
        job = a_job(asks(RequestKind.ERASE))
        a_rest(a_job(state=JobState.WAITING))
        a_notice(job)
        a_certificate(job)
        a_hold()
        a_search(RunKind.CANARY)
        a_purge(engine_rules()[0].name)
    officer.get(BOARD)
    of_rules = Counter(
        router.db_for_read(apps.get_model(rule.model))
        for rule in engine_rules()
        for _ in range(2 if rule.since else 1)
    )

    with counted(default=14 + of_rules["default"], minors=of_rules["minors"], keys=of_rules["keys"]):
        assert officer.get(BOARD).status_code == 200
