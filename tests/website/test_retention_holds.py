"""The officers' pages of legal holds and of what an erasure left."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from leap.roles import AUDITOR, MINORS_OFFICER, PRIVACY_OFFICER
from privacy.audit.models import AuditEvent
from privacy.consent.models import ConsentRecord
from privacy.erasure.models import Suppression
from privacy.erasure.services.remaining import SUPPRESSION
from privacy.keystore import ledger
from privacy.retention.models import LegalHold
from privacy.retention.services.holds import is_held
from privacy.rights.enums import RequestKind
from privacy.rights.models import DataSubjectRequest
from tests.erasing import a_hold, a_job
from tests.families import a_guardian, a_seat
from tests.people import new_phone
from tests.places import a_class
from tests.queries import counted
from tests.rights.asking import asks
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DESK = "/staff/retention/"
PLACE = f"{DESK}holds/new/"
BOOKINGS = "0:enrollment.trialbooking"


@pytest.fixture
def officer() -> Client:
    return signed_in(a_member_of_staff(PRIVACY_OFFICER))


@pytest.fixture
def phone() -> str:
    return new_phone()


@pytest.fixture
def guardian(phone: str) -> User:
    who = a_guardian(phone)
    a_seat(a_class(), who)
    return who


def wanted(**changed: Any) -> dict[str, Any]:
    """What the second page posts when nothing is wrong with it, but for whose."""
    asked = {
        "records": [BOOKINGS],
        "authority": "某区市场监督管理局",
        "document": "市监函〔2026〕88号",
        "review_on": f"{timezone.localdate() + timedelta(days=90):%Y-%m-%d}",
        "may_tell": "on",
    }
    return {**asked, **changed}


def named(client: Client, phone: str) -> str:
    """The first page, gone through; what the second page knows the person by."""
    response = client.post(PLACE, {"phone": phone})
    assert response.status_code == 200, response.content.decode()
    return str(response.context["form"]["person"].value())


def asked_for(client: Client, number: str, **changed: Any) -> Any:
    posted = {"phone": number, "purpose": "legal_claim", "authority": "（2026）沪01民初12号"}
    return client.post(f"{DESK}remainders/", {**posted, **changed})


# Holds


def test_a_hold_is_placed_on_what_was_ticked_and_nothing_else(
    officer: Client, guardian: User, phone: str
) -> None:
    response = officer.post(PLACE, wanted(person=named(officer, phone)))

    assert (response.status_code, response["Location"]) == (303, f"{DESK}holds/")
    hold = LegalHold.objects.get()
    assert (hold.subject_id, hold.authority, hold.may_tell) == (guardian.pk, "某区市场监督管理局", True)
    assert is_held(subject_id=guardian.pk, model="enrollment.trialbooking")
    assert not is_held(subject_id=guardian.pk, model="consent.consentrecord")


def test_the_second_page_shows_kinds_and_counts_and_no_number(
    officer: Client, guardian: User, phone: str
) -> None:
    shown = officer.post(PLACE, {"phone": phone}).content.decode()

    assert "试听" in shown
    assert f"{phone[:3]}****{phone[-4:]}" in shown
    assert phone not in shown.split("<main", 1)[1]
    assert ConsentRecord.objects.filter(subject_id=guardian.pk).exists()
    assert "0:consent.consentrecord" in shown


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"records": []}, "请至少选一种"),
        ({"authority": " "}, "请写明是哪个机关"),
        ({"document": ""}, "没有文书不能保存"),
        ({"review_on": ""}, "请填复核日期"),
        ({"review_on": "2020-01-01"}, "一年以内"),
        ({"review_on": "2999-01-01"}, "一年以内"),
    ],
)
def test_a_hold_that_lacks_something_is_not_placed(
    officer: Client, guardian: User, phone: str, changed: dict[str, Any], words: str
) -> None:
    response = officer.post(PLACE, wanted(person=named(officer, phone), **changed))

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not LegalHold.objects.exists()


def test_nobody_is_named_by_an_address_or_a_made_up_token(officer: Client, guardian: User) -> None:
    response = officer.post(PLACE, wanted(person=str(guardian.pk)))

    assert (response.status_code, response["Location"]) == (303, PLACE)
    assert not LegalHold.objects.exists()


def test_a_number_without_an_account_says_so_and_the_search_is_on_record(officer: Client) -> None:
    response = officer.post(PLACE, {"phone": new_phone()})

    assert response.status_code == 422
    assert "没有账号" in response.content.decode()
    assert AuditEvent.objects.get(action="account.searched").detail == {"found": False}


def test_a_review_moves_the_day_and_nothing_else_does(officer: Client, guardian: User) -> None:
    hold = a_hold(guardian, due=True)
    page, day = f"{DESK}holds/{hold.public_id}/review/", timezone.localdate() + timedelta(days=200)
    assert officer.get(page).status_code == 200
    hold.refresh_from_db()
    assert hold.review_on == timezone.localdate()

    assert officer.post(page, {"review_on": f"{day:%Y-%m-%d}"}).status_code == 303
    hold.refresh_from_db()
    assert (hold.review_on, hold.released_at) == (day, None)


def test_a_release_asks_first_and_ends_it_once(officer: Client, guardian: User) -> None:
    hold = a_hold(guardian)
    page = f"{DESK}holds/{hold.public_id}/release/"
    assert "解除不能撤回" in officer.get(page).content.decode()
    assert is_held(subject_id=guardian.pk, model="enrollment.trialbooking")

    assert officer.post(page).status_code == 303
    assert not is_held(subject_id=guardian.pk, model="enrollment.trialbooking")
    assert officer.post(page).status_code == 404
    assert "最近解除的" in officer.get(f"{DESK}holds/").content.decode()


def test_holds_are_for_those_who_place_them(guardian: User) -> None:
    hold = a_hold(guardian)
    for role in (MINORS_OFFICER, AUDITOR):
        client = signed_in(a_member_of_staff(role))
        assert client.get(f"{DESK}holds/").status_code == 403
        for part in ("new/", f"{hold.public_id}/review/", f"{hold.public_id}/release/"):
            assert client.get(f"{DESK}holds/{part}").status_code == 403
            assert client.post(f"{DESK}holds/{part}").status_code == 403
    hold.refresh_from_db()
    assert hold.released_at is None


def test_each_look_at_a_hold_is_on_record_and_not_told_to_the_person(officer: Client, guardian: User) -> None:
    hold = a_hold(guardian)
    officer.get(f"{DESK}holds/")

    look = AuditEvent.objects.get(action="hold.read")
    assert (look.subject_id, look.target) == (None, f"retention.legalhold/{hold.pk}")


@pytest.mark.parametrize("times", [1, 3])
def test_the_list_of_holds_costs_the_same_but_for_the_record_of_each_look(
    officer: Client, times: int
) -> None:
    for _ in range(times):
        a_hold()
    officer.get(f"{DESK}holds/")

    with counted(default=12 + times, keys=1):
        assert officer.get(f"{DESK}holds/").status_code == 200


# What an erasure left


def left_behind(phone: str) -> UUID:
    """Somebody with that number was erased; a consent of theirs stands under an alias."""
    alias, guardian = uuid4(), a_guardian()
    request = asks(RequestKind.ERASE, guardian=guardian)
    DataSubjectRequest.objects.filter(pk=request.pk).update(subject_id=alias)
    job = a_job(request)
    job.subjects.create(kind="guardian", subject_id=None, alias=alias)
    Suppression.objects.create(number_mac=ledger.keyed(SUPPRESSION, f"+86{phone}"), alias=alias)
    return alias


def test_what_is_left_is_shown_for_a_purpose_and_the_look_is_on_record(officer: Client, phone: str) -> None:
    alias = left_behind(phone)
    shown = asked_for(officer, phone).content.decode()

    assert str(alias) in shown
    assert phone not in shown
    assert "个人信息请求" in shown
    look = AuditEvent.objects.get(action="remainder.read")
    assert (look.subject_id, look.detail["purpose"]) == (alias, "legal_claim")
    history = DataSubjectRequest.objects.get(subject_id=alias).events.get(what="read_legal_claim")
    assert history.note == "（2026）沪01民初12号"


@pytest.mark.parametrize("missing", ["phone", "purpose", "authority"])
def test_without_number_purpose_or_authority_nothing_is_looked_up(
    officer: Client, phone: str, missing: str
) -> None:
    alias = left_behind(phone)
    response = asked_for(officer, phone, **{missing: ""})

    assert response.status_code == 422
    assert str(alias) not in response.content.decode()
    assert not AuditEvent.objects.filter(action="remainder.read").exists()


def test_a_number_of_nobody_erased_finds_nothing_and_the_search_is_on_record(
    officer: Client, guardian: User, phone: str
) -> None:
    response = asked_for(officer, phone)

    assert response.status_code == 422
    assert "余留已经期满" in response.content.decode()
    assert AuditEvent.objects.get(action="remainder.read").detail["found"] is False


def test_what_is_left_is_for_those_with_the_right(phone: str) -> None:
    left_behind(phone)
    for role in (MINORS_OFFICER, AUDITOR):
        assert asked_for(signed_in(a_member_of_staff(role)), phone).status_code == 403
    assert not AuditEvent.objects.filter(action="remainder.read").exists()
