"""What runs by the clock."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from enrollment.services.classes import advance_classes
from enrollment.services.demo_classes import keep_classes_rolling
from enrollment.services.demo_desks import keep_desks_busy
from enrollment.services.invariants import keep_proof
from enrollment.services.reminders import queue_due
from enrollment.services.settling import settle_due

_MORNING = 9  # o'clock; nobody tries a class that began at midnight


@shared_task
def advance() -> None:
    """Begin and end classes, and close the attendance of those that are over."""
    advance_classes()


@shared_task
def settle() -> None:
    """Let go of seats held for too long, and offer free ones to who waits."""
    settle_due()


@shared_task
def prove_ledger() -> None:
    """Ask every law of the seat ledger; whatever is broken is said in the log."""
    keep_proof()


@shared_task
def remind() -> None:
    """Queue the reminders of classes that are due."""
    queue_due()


@shared_task
def roll_demo_classes() -> None:
    """Where no message is really sent: classes to try for four weeks, and from the morning on a busy desk."""
    if settings.SMS_GATEWAY in settings.DEMO_GATEWAYS:
        keep_classes_rolling()
        if timezone.localtime().hour >= _MORNING:
            keep_desks_busy()
