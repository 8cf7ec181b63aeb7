"""Entries of the waiting list, gathered for pages: as many queries whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from enrollment.models import TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.services.waitlist import places_of
from enrollment.waiting_words import Waiting, waiting_in_words


def waiting_of(entries: Sequence[WaitlistEntry], at: datetime) -> list[Waiting]:
    """The entries in words, in their order; three queries, and none without an entry."""
    ids = [entry.pk for entry in entries]
    if not ids:
        return []
    choices: dict[UUID, list[WaitlistChoice]] = {entry_id: [] for entry_id in ids}
    for choice in WaitlistChoice.objects.of_entries(ids):
        choices[choice.entry_id].append(choice)
    offers = {offer.waitlist_entry_id: offer for offer in TrialBooking.objects.offered_to(ids)}
    places = places_of(ids)
    return [
        waiting_in_words(entry, choices[entry.pk], places.get(entry.pk, {}), offers.get(entry.pk), at)
        for entry in entries
    ]
