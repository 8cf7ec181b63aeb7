"""People for tests who had the use of their data restricted, or took their consent back."""

from uuid import UUID

from accounts.models import User
from privacy.consent.enums import Channel
from privacy.consent.services import current_versions
from privacy.rights.enums import OnBehalf, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.restricting import restrict
from privacy.rights.services.withdrawing import agree_again, withdraw_all
from tests.families import acting
from tests.rights.asking import asks


def restricts(guardian: User) -> DataSubjectRequest:
    """The guardian restricts the use of their own data, at once."""
    request = asks(RequestKind.RESTRICT, guardian=guardian)
    restrict(request=request, by=acting(guardian))
    return request


def asks_for_ward(guardian: User, child_id: UUID) -> DataSubjectRequest:
    """A request to restrict the use of a child's data, not acted on yet."""
    asked = {"on_behalf": OnBehalf.WARD, "concerning_id": child_id}
    return asks(RequestKind.RESTRICT, guardian=guardian, **asked)


def withdraws(guardian: User) -> DataSubjectRequest:
    """The guardian takes the whole policy's consent back."""
    return withdraw_all(subject_id=guardian.pk, by=acting(guardian), channel=Channel.WEB)


def agrees_again(guardian: User) -> None:
    """The guardian agrees to the versions in force."""
    agree_again(
        subject_id=guardian.pk, agreements=current_versions(), by=acting(guardian), channel=Channel.WEB
    )
