"""A teacher's calendar to subscribe to: its address, made and taken back, and the classes in it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from courses.models import Teacher
from enrollment.models import ClassSession, TeacherFeed
from privacy.actors import Actor
from privacy.audit.services import record

_BACK, _AHEAD = timedelta(days=30), timedelta(days=90)
_BYTES = 24  # of a token: 192 bits


@transaction.atomic
def make_feed(*, teacher: Teacher, by: Actor) -> tuple[TeacherFeed, str]:
    """A new address for the teacher's calendar, whole, to be shown once: only its digest is kept.

    An address given before is none from now on.
    """
    token = secrets.token_urlsafe(_BYTES)
    TeacherFeed.objects.filter(teacher=teacher).delete()
    feed = TeacherFeed.objects.create(teacher=teacher, token_hash=_hash(token))
    record("teacher_feed.made", by=by, subject=teacher.pk, target=feed)
    return feed, settings.PUBLIC_URL + reverse("enrollment:teacher-feed", args=[token])


def find_feed(*, token: str) -> Teacher | None:
    """Whose calendar has that address; None when nobody's has, or they no longer teach."""
    feeds = TeacherFeed.objects.select_related("teacher").filter(teacher__active=True)
    feed = feeds.filter(token_hash=_hash(token)).first()
    return feed.teacher if feed else None


def classes_in_feed(*, teacher: Teacher, at: datetime) -> list[tuple[ClassSession, int]]:
    """The teacher's classes around ``at``, by the clock, each with how often it was changed; one query."""
    shown = ClassSession.objects.shown().filter(teacher=teacher).select_related("room")
    near = shown.filter(starts_at__gte=at - _BACK, starts_at__lt=at + _AHEAD)
    counted: Any = near.annotate(times_changed=Count("changes"))
    return [(session, session.times_changed) for session in counted]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
