"""What a family still has before it, and how it ends when they no longer want us to use their data."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.services.cancelling import cancel_trial
from enrollment.services.waitlist import leave
from messaging.services import void_offers
from privacy.actors import Actor


class Trials:
    """Provider of the port `service_of`."""

    def what_ends(self, subject: UUID) -> Sequence[str]:
        """One sentence for each trial to come and each place in line."""
        ahead = TrialBooking.objects.of(subject).ahead(timezone.now()).without_offers().soonest_first()
        waiting = WaitlistEntry.objects.of(subject).open().count()
        ends = [_("%s 的试听会取消，座位让给别的家庭。") % booking.reference for booking in ahead]
        return [*ends, _("%d 处候补会退出。") % waiting] if waiting else ends

    @transaction.atomic
    def end_service(self, subject: UUID, by: Actor) -> None:
        """Cancel what is to come, leave every line, take back what would be offered."""
        for entry in WaitlistEntry.objects.of(subject).open():
            leave(entry=entry, by=by)
        for booking in TrialBooking.objects.of(subject).ahead(timezone.now()).without_offers():
            cancel_trial(booking=booking, by=by)
        void_offers(subject=subject)
