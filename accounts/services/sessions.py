"""Ending a person's sessions, wherever they are signed in."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from privacy.actors import SYSTEM
from privacy.audit.services import record


class EverySession:
    """Provider of the port `sessions`."""

    @transaction.atomic
    def end_all(self, subject: UUID) -> None:
        """Signed in nowhere any more.

        A session holds a digest of the password, and nobody can set one that fits: guardians have none, so
        another unusable one ends every session that knew the old.
        """
        user = User.objects.select_for_update(no_key=True).filter(pk=subject).first()
        if user is None:
            return
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record("user.signed_out_everywhere", by=SYSTEM, subject=subject)
