"""What a transaction about seats is refused with, in words that its caller can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from enrollment.exceptions import Busy, SessionGone
from enrollment.services.alternatives import find_alternatives
from kit.lock_wait import waited_in_vain

_SHOWN = 3


@contextmanager
def in_our_words(*, leaving: UUID | None = None) -> Iterator[None]:
    """Around a transaction. What else can be booked is looked up after it: nothing is locked then.

    The class with the id ``leaving`` is none of it.
    """
    try:
        yield
    except SessionGone as gone:
        found = find_alternatives(
            session=gone.session, at=timezone.now(), limit=_SHOWN + bool(leaving), seats=gone.seats
        )
        gone.alternatives = [session for session in found if session.pk != leaving][:_SHOWN]
        raise
    except OperationalError as error:
        if waited_in_vain(error):
            raise Busy from error
        raise
