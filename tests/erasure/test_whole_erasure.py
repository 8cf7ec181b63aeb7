"""A person of whom every table holds a row is erased: nothing leads to them any more."""

from __future__ import annotations

import pytest

from privacy.erasure.enums import JobState, StepState
from privacy.rights.enums import RequestState
from tests.erasure.erasing import erased
from tests.families import a_guardian
from tests.staff import a_member_of_staff

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])]


def test_somebody_who_only_registered_is_erased_with_a_certificate() -> None:
    guardian = a_guardian()

    job = erased(guardian)

    assert job.state == JobState.WAITING
    assert {step.state for step in job.steps.all()} == {StepState.DONE}
    assert job.request.state == RequestState.FULFILLED
