"""Ending a person's sessions, wherever they are signed in."""

from uuid import UUID

from django.db import transaction

from accounts.models import Session, User
from privacy.actors import SYSTEM
from privacy.audit.services import record


class EverySession:
    """Provider of the port `sessions`."""

    @transaction.atomic
    def end_all(self, subject: UUID) -> None:
        """Signed in nowhere any more: the sessions go.

        One that is being begun just now is not among them. It holds a digest of the password, and guardians
        have none: another unusable one ends it all the same.
        """
        Session.objects.of(subject).delete()
        user = User.objects.select_for_update(no_key=True).filter(pk=subject).first()
        if user is None:
            return
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record("user.signed_out_everywhere", by=SYSTEM, subject=subject)
