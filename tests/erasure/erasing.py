"""Erasures for tests: asked for as in service, and worked at in this process."""

from __future__ import annotations

from accounts.models import User
from privacy.erasure.enums import Reason
from privacy.erasure.models import ErasureJob
from privacy.erasure.services.beginning import begin
from privacy.erasure.services.running import run
from privacy.rights.enums import Entrance, Identity, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.filing import Asked, file_request
from tests.families import acting


def asks_to_close(guardian: User) -> DataSubjectRequest:
    """The request by which somebody closes their account."""
    return file_request(
        asked=Asked(kinds=[RequestKind.CLOSE_ACCOUNT]),
        subject_id=guardian.pk,
        entrance=Entrance.ACCOUNT,
        identity=Identity.STEPPED_UP,
        by=acting(guardian),
    ).request


def begun(guardian: User) -> ErasureJob:
    """The erasure of somebody who closes their account, begun and not worked at."""
    return begin(request=asks_to_close(guardian), by=acting(guardian), reason=Reason.CLOSED)


def erased(guardian: User) -> ErasureJob:
    """The same, worked at to its end."""
    job = begun(guardian)
    assert run(job_id=job.pk), [(step.name, step.state, step.failure) for step in job.steps.all()]
    job.refresh_from_db()
    return job
