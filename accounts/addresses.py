"""Where a message goes: the number is read when it is sent, never when it is queued."""

from uuid import UUID

from accounts.models import PhoneBinding, VerificationCode
from accounts.services.guardians import phone_of
from accounts.services.phone_change import FORMER
from privacy.erasure.enums import ERASED
from privacy.erasure.services.people import number_then
from privacy.rights.services.notices import number_left


class NumberOf:
    """Provider of the port `address_of`."""

    def number_of(self, kind: str, id: UUID) -> str | None:  # noqa: A002  the port's word
        """The number (E.164) behind a recipient, or None when it is gone."""
        if kind == "code":
            row = VerificationCode.objects.filter(pk=id).first()
            return row.phone if row else None
        if kind == "guardian":
            return phone_of(id)
        if kind == FORMER:
            former = PhoneBinding.objects.filter(pk=id, released_at__isnull=False).first()
            return former.phone if former else None
        if kind == "request":
            return number_left(request_id=id)
        if kind == ERASED:
            return number_then(job_id=id)
        return None
