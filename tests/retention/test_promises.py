"""Each time limit is kept by something, within both of its bounds, or nothing starts."""

from dataclasses import replace
from importlib import import_module
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import override_settings

from leap.celery import TIMETABLE, app
from leap.env import env_days_by_name
from privacy.inventory.checks import findings
from privacy.inventory.enums import KeepReason
from privacy.inventory.periods import is_within
from privacy.inventory.registry import keeps
from privacy.retention.rules import Rule, register_rule, rules
from privacy.retention.services.purging import FEW, engine_rules
from tests.retention.old_messages import OLD, OVER, left, with_purge, written

STATUTORY = ("trial", "request", "audit", "consent_proof", "logs")


def wrong() -> set[tuple[str, str]]:
    return {(str(finding.id), finding.msg) for finding in findings(without_lock=True)}


@pytest.mark.clause("L-PP-4.1-3b")
def test_every_time_limit_is_kept_by_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong() == set()
    for name in [name for name, rule in rules.items() if rule.keep == "messages"]:
        monkeypatch.delitem(rules, name)
    assert wrong() == {("retention.E001", "The time limit 'messages' is kept by no rule.")}


@pytest.mark.clause("L-PP-4.1-3e")
def test_every_time_limit_has_one_of_the_reasons_the_policy_names() -> None:
    assert {keep.reason for keep in keeps.values()} <= set(KeepReason)
    assert len(KeepReason) == 5
    for name in STATUTORY:
        assert keeps[name].reason == KeepReason.STATUTE


@pytest.mark.clause("L-PP-4.1-3c")
def test_what_the_law_keeps_is_kept_three_years_and_a_month_at_most() -> None:
    for name in set(STATUTORY) - {"logs"}:
        assert keeps[name].floor.days >= 3 * 365 + 1
        assert is_within(keeps[name], keeps[name].period)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"trial": 1095}, "The time limit 'trial' is 1095 days: it may be from 1096 days to 1126 days"),
        ({"messages": 91}, "The time limit 'messages' is 91 days: it may be from 0 days to 90 days"),
        ({"mesages": 30}, "LEAP_KEEP_DAYS names 'mesages', and there is no such time limit."),
        ({"logs": 200}, "LEAP_KEEP_DAYS sets 'logs', whose time is not counted in days."),
    ],
)
def test_a_period_nobody_may_set_stops_the_start(days: dict[str, int], said: str) -> None:
    with override_settings(KEEP_DAYS=days):
        (found,) = wrong()
    assert found[1].startswith(said)


def test_a_period_within_bounds_starts() -> None:
    with override_settings(KEEP_DAYS={"messages": 30, "lead": 90}):
        assert wrong() == set()


@pytest.mark.parametrize("text", ["lead", "lead=", "lead=x", "=9", "lead=1,lead=2", "lead=-1", "lead=1.5"])
def test_days_that_cannot_be_read_are_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LEAP_KEEP_DAYS", text)
    with pytest.raises(ImproperlyConfigured):
        env_days_by_name("LEAP_KEEP_DAYS")


def test_days_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAP_KEEP_DAYS", "lead=90, waiting=30")
    assert env_days_by_name("LEAP_KEEP_DAYS") == {"lead": 90, "waiting": 30}


@pytest.mark.parametrize(
    "changed", [{"keep": "nothing"}, {"model": "messaging.Letter"}, {"since": "begun_at"}]
)
def test_a_rule_that_cannot_work_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    monkeypatch.setitem(rules, OLD.name, with_purge(OLD, **changed))
    assert {name for name, _said in wrong()} == {"retention.E002"}


def test_a_rule_names_a_table_or_who_keeps_it() -> None:
    with pytest.raises(ValueError, match="neither a table"):
        register_rule(Rule(name="test.idle", title="x", keep="messages"))
    with pytest.raises(ValueError, match="declared twice"):
        register_rule(replace(rules["audit.deeds"], title="else"))


def test_what_another_clock_keeps_is_kept_by_something_there_is() -> None:
    app.loader.import_default_modules()
    by_the_clock = {entry["task"] for entry in TIMETABLE.values()}
    for rule in rules.values():
        if not rule.done_by or rule.done_by in by_the_clock:
            continue
        assert import_module(rule.done_by), rule


@pytest.mark.django_db(databases="__all__")
def test_every_rule_counts_what_it_would_take() -> None:
    out = StringIO()
    call_command("purge_expired", "--dry-run", stdout=out)
    said = out.getvalue().splitlines()
    assert len(said) == len(engine_rules())
    assert all("due" in line and "report" in line for line in said)


@pytest.mark.django_db(databases="__all__")
def test_the_command_says_what_went_and_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules, OLD.name, OLD)
    written(FEW + 1, days_ago=OVER)
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 1 rules"):
        call_command("purge_expired", "--rule", OLD.name, stdout=out)
    assert "paused" in out.getvalue()
    call_command("purge_expired", "--rule", OLD.name, "--dry-run", stdout=out)
    call_command("purge_expired", "--rule", OLD.name, stdout=out)
    assert out.getvalue().endswith("101 gone in 1 batches (done)\n")
    assert left() == 0
    with pytest.raises(CommandError, match="No such rule"):
        call_command("purge_expired", "--rule", "nothing", stdout=out)
