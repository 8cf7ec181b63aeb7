"""Requests for tests, taken in as they are in service, and the people who deal with them."""

from typing import Any

from django.contrib.auth.models import Permission

from accounts.models import User
from accounts.services.roles import enrol_staff, load_roles
from kit.uuid7 import uuid7
from leap.roles import PRIVACY_OFFICER, ROLES
from privacy.actors import ANONYMOUS, SYSTEM, Actor
from privacy.rights.enums import Entrance, Identity, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.filing import Asked, file_request
from tests.families import a_guardian, acting

ERASE, ACCESS, QUESTION = RequestKind.ERASE, RequestKind.ACCESS, RequestKind.QUESTION
LAW = "《电子商务法》第三十一条"
REASON = "您去年的订单记录要存到 2028 年 3 月 1 日，期满就删；在那之前只存着，不作别的使用。"


def asks(*kinds: RequestKind, guardian: User | None = None, **asked: Any) -> DataSubjectRequest:
    """A request of somebody signed in, by default somebody new."""
    who = guardian or a_guardian()
    return file_request(
        asked=Asked(kinds=kinds or [RequestKind.ACCESS], **asked),
        subject_id=who.pk,
        entrance=Entrance.ACCOUNT,
        identity=Identity.SIGNED_IN,
        by=acting(who),
    ).request


def asks_at_the_door(*kinds: RequestKind, **asked: Any) -> DataSubjectRequest:
    """A request of nobody we know."""
    return file_request(
        asked=Asked(kinds=kinds or [RequestKind.ACCESS], **asked),
        subject_id=None,
        entrance=Entrance.DOOR,
        identity=Identity.UNKNOWN,
        by=ANONYMOUS,
    ).request


def theirs(request: DataSubjectRequest) -> Actor:
    """Whoever asked, as the doer."""
    return Actor("guardian", request.subject_id) if request.known else ANONYMOUS


def a_clerk() -> Actor:
    """A member of staff with no right of an officer's."""
    return Actor("staff", uuid7())


def an_officer(*, without: str = "") -> Actor:
    """A privacy officer, somebody new; ``without`` takes a right away, by its codename."""
    load_roles(roles=ROLES)
    user = enrol_staff(username=f"officer-{uuid7()}", password=None, role=PRIVACY_OFFICER, by=SYSTEM)
    if without:
        user.groups.clear()
        rights = Permission.objects.filter(content_type__app_label="rights").exclude(codename=without)
        user.user_permissions.set(rights)
    return Actor("staff", user.pk)


def now(request: DataSubjectRequest) -> DataSubjectRequest:
    """The request as it stands in the database."""
    return DataSubjectRequest.objects.get(pk=request.pk)


def outcomes(request: DataSubjectRequest) -> dict[str, str]:
    """What became of each right."""
    return dict(request.rights.values_list("kind", "outcome"))


def course(request: DataSubjectRequest) -> list[str]:
    """What happened to it, in order."""
    return [event.what for event in request.events.all()]
