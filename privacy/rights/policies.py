"""What somebody may do with requests, whichever page or call they come by."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from privacy.actors import Actor
from privacy.rights.exceptions import NotEntitled, RequestUnknown
from privacy.rights.models import DataSubjectRequest

APPROVE_REFUSAL = "rights.approve_refusal"
CALL_EXCESSIVE = "rights.call_excessive"
APPROVE_PLAN = "rights.approve_plan"
READ_RESTRICTED = "rights.read_restricted"


def require(right: str, *, of: Actor) -> None:
    """Raise NotEntitled unless ``of`` is a member of staff who works here and has that right."""
    if of.kind != "staff" or of.id is None:
        raise NotEntitled(right)
    staff = get_user_model()._default_manager.filter(pk=of.id, is_active=True).first()
    if staff is None or not staff.has_perm(right):
        raise NotEntitled(right)


def require_staff(by: Actor) -> None:
    """Raise NotEntitled unless a member of staff, or the software itself, acts."""
    if by.kind not in ("staff", "system"):
        raise NotEntitled("staff")


def require_theirs(request: DataSubjectRequest, by: Actor) -> None:
    """Raise RequestUnknown where somebody signed in reaches for a request that is not theirs.

    Who follows a request by its receipt number is nobody we know; the page that let them in knew the number.
    """
    if by.kind == "guardian" and not (request.known and by.id == request.subject_id):
        raise RequestUnknown
    if by.kind == "anonymous" and request.receipt_hash is None:
        raise RequestUnknown
