"""Two guardians of one child who leave at the same time: the child goes with the last of them, whole."""

from __future__ import annotations

import pytest

from privacy.erasure.services.running import run
from privacy.keystore.services import is_buried
from privacy.minors.models import Child, Guardianship
from tests.children import a_child, an_invitation, joins
from tests.erasure.erasing import begun
from tests.families import a_guardian

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def test_a_child_whom_both_leave_at_once_is_nobodys_and_gone() -> None:
    first, second = a_guardian(), a_guardian()
    child = a_child(first)
    joins(second, an_invitation(first, child))
    jobs = [begun(first), begun(second)]

    for job in jobs:
        assert run(job_id=job.pk), [(step.name, step.state, step.failure) for step in job.steps.all()]

    assert not Guardianship.objects.filter(child_id=child).exists()
    assert not Child.objects.filter(pk=child).exists()
    assert is_buried(child, "minor")
