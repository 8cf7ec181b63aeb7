"""The link by which another guardian of a child joins, whole, to be shown once."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from accounts.services.guardianships import invite_guardian


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A link to hand on, and when it ends. Of the child it says nothing."""

    url: str = field(repr=False)
    expires_at: datetime


def invite(*, guardian: User, public_id: str) -> Invitation:
    """A link to one of the guardian's children. Raises ChildUnknown, GuardianshipRefused, LimitReached."""
    invited = invite_guardian(guardian=guardian, public_id=public_id)
    url = settings.PUBLIC_URL + reverse("enrollment:join", args=[invited.token])
    return Invitation(url=url, expires_at=invited.expires_at)
