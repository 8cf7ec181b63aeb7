"""Three years after a request ended, however it did, nothing of it is left, and its key is none any more."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from privacy.keystore.services import are_usable
from privacy.retention.models import PurgeRun
from privacy.retention.rules import rules
from privacy.retention.services.purging import purge
from privacy.rights.enums import CLOSED, OPEN, PackageState, RequestState
from privacy.rights.models import DataSubjectRequest, ExportPackage, RequestEvent, Restriction
from tests.cleaning import everything_allowed
from tests.rights.asking import asks, asks_at_the_door

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
LAW = timedelta(days=3 * 365 + 1)


def ended(request: DataSubjectRequest, state: str, *, days_ago: float) -> DataSubjectRequest:
    """The request, over for so long: the end is put there, since the way to each is long."""
    at = timezone.now() - timedelta(days=days_ago)
    with everything_allowed("DATABASE") as cursor:
        cursor.execute(
            "UPDATE rights_datasubjectrequest SET state = %s, closed_at = %s WHERE id = %s",
            [state, at, str(request.pk)],
        )
    return request


def purged() -> PurgeRun:
    return purge(rules["rights.requests"], timezone.now(), pause=0)


def rows_about_requests() -> dict[str, int]:
    """How many rows every table of requests has; the certificate of an erasure is another's."""
    models = apps.get_app_config("rights").get_models()
    return {model._meta.label: model._base_manager.count() for model in models}


@pytest.mark.clause("L-PP-4.1-3f")
@pytest.mark.parametrize("state", CLOSED)
def test_a_request_goes_three_years_after_whatever_end(state: str) -> None:
    old = ended(asks(words="请删掉我的旧号码"), state, days_ago=LAW.days + 0.1)
    young = ended(asks(), state, days_ago=LAW.days - 0.1)
    assert are_usable(old.pk, "rights")

    assert purged().rows == 1

    assert list(DataSubjectRequest.objects.all()) == [young]
    assert not RequestEvent.objects.filter(request=old.pk).exists()
    assert not are_usable(old.pk, "rights")
    assert are_usable(young.pk, "rights")


@pytest.mark.parametrize("state", OPEN)
def test_a_request_somebody_waits_for_stays(state: str) -> None:
    waiting = asks()
    with everything_allowed("DATABASE") as cursor:
        cursor.execute("UPDATE rights_datasubjectrequest SET state = %s, received_at = '2020-01-01'", [state])
    run = purged()
    assert (run.due, DataSubjectRequest.objects.get()) == (0, waiting)


def test_a_request_of_nobody_we_know_goes_too() -> None:
    ended(asks_at_the_door(words="我的号码是不是泄露了"), RequestState.LAPSED, days_ago=LAW.days + 1)
    assert purged().rows == 1
    assert set(rows_about_requests().values()) == {0}


@pytest.mark.clause("L-PP-4.1-3f")
@pytest.mark.parametrize("state", PackageState)
def test_a_copy_in_whatever_state_goes_with_its_request_and_its_key(state: str) -> None:
    request = ended(asks(), RequestState.FULFILLED, days_ago=LAW.days + 1)
    package = ExportPackage.objects.create(request=request, password="a-password-of-its-own")
    with everything_allowed("DATABASE") as cursor:
        cursor.execute(
            "UPDATE rights_exportpackage SET ready_at = now(), expires_at = now(), state = %s", [state]
        )

    assert purged().rows == 1

    assert set(rows_about_requests().values()) == {0}
    assert not are_usable(package.pk, "export")


def test_a_rest_that_was_promised_keeps_the_request() -> None:
    ended(asks(), RequestState.PARTLY_FULFILLED, days_ago=LAW.days + 1)
    promised(timezone.localdate() + timedelta(days=1))
    assert purged().rows == 0
    promised(timezone.localdate() - LAW - timedelta(days=1))
    assert purged().rows == 1


def promised(day: date) -> None:
    with everything_allowed("DATABASE") as cursor:
        cursor.execute("UPDATE rights_datasubjectrequest SET remains_until = %s", [day])


def test_a_restriction_that_stands_keeps_its_request() -> None:
    request = ended(asks(), RequestState.FULFILLED, days_ago=LAW.days + 1)
    restriction = Restriction.objects.create(subject_id=request.subject_id, request=request)
    assert purged().rows == 0
    Restriction.objects.filter(pk=restriction.pk).update(lifted_at=timezone.now())
    assert purged().rows == 1
    assert set(rows_about_requests().values()) == {0}


def test_a_purge_that_broke_off_after_the_keys_is_ended_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    old = ended(asks(words="请删掉我的旧号码"), RequestState.REFUSED, days_ago=LAW.days + 1)

    def breaks(queryset: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(type(ExportPackage.objects.all()), "delete", breaks)
        purged()
    assert DataSubjectRequest.objects.filter(pk=old.pk).exists()
    assert not are_usable(old.pk, "rights")

    assert purged().rows == 1
    assert DataSubjectRequest.objects.count() == 0
