"""Families that book in the bench, signed in, and the classes they book: `-m bench.families 2000 400`."""

import contextlib
import json
import os
import sys
from typing import Any

import django


def _families(count: int) -> list[str]:
    """The session cookies of so many guardians who agreed to what booking needs."""
    from django.utils import timezone

    from accounts.enums import UserKind
    from accounts.models import User
    from privacy.consent.enums import ActingRole, Channel, ConsentState
    from privacy.consent.models import ConsentRecord
    from privacy.consent.services import REQUIRED_TO_BOOK, current_notices

    guardians = User.objects.bulk_create(User(kind=UserKind.GUARDIAN) for _ in range(count))
    now, notices = timezone.now(), [one for one in current_notices() if one.document in REQUIRED_TO_BOOK]
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            subject_id=guardian.pk, notice=one, purpose=one.document, state=ConsentState.GIVEN, at=now,
            channel=Channel.API, acting_role=ActingRole.GUARDIAN_OR_AUTHORISED, declaration="bench",
        )
        for guardian in guardians
        for one in notices
    )  # fmt: skip
    return _signed_in(guardians)


def _signed_in(guardians: list[Any]) -> list[str]:
    """A session of each, by its key."""
    import secrets
    from datetime import timedelta

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from accounts.models import Session
    from accounts.session_store import SessionStore

    store, kept, ends = SessionStore(), [], timezone.now() + timedelta(days=1)
    for guardian in guardians:
        held: dict[str, Any] = {
            SESSION_KEY: str(guardian.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: guardian.get_session_auth_hash(),
        }
        row = store.create_model_instance(held)
        row.session_key, row.expire_date = secrets.token_hex(16), ends
        kept.append(row)
    Session.objects.bulk_create(kept)
    return [session.session_key for session in kept]


def _classes(spread: int) -> list[str]:
    """One class with a seat for everybody, and as many others; by the names the API has for them."""
    from datetime import timedelta

    from django.utils import timezone

    from bench.seats import measured_campus
    from courses.models import Course, Room
    from enrollment.enums import SessionState
    from enrollment.models import ClassSession

    campus, course = measured_campus(), Course.objects.order_by("pk")[:1].get()
    starts_at = timezone.now() + timedelta(days=20)
    names = []
    for number in range(spread + 1):
        room = Room.objects.create(campus=campus, name=f"bench {number}", seats=30_000)
        names.append(
            ClassSession.objects.create(
                campus=campus, course=course, room=room, starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=1), booking_closes_at=starts_at - timedelta(hours=1),
                capacity=30_000, state=SessionState.OPEN,
            ).public_id
        )  # fmt: skip
    return names


if __name__ == "__main__":
    django.setup()

    from bench.seats import measured_city
    from bench.twins import make_tables

    with contextlib.redirect_stdout(sys.stderr):
        told = {
            "families": _families(int(sys.argv[1])),
            "classes": _classes(int(sys.argv[2])),
            "city": measured_city().slug,
        }
        make_tables(
            {"default": os.environ["DATABASE_ADMIN_URL"], "keys": os.environ["KEYS_DATABASE_ADMIN_URL"]}
        )
    sys.stdout.write(json.dumps(told))
