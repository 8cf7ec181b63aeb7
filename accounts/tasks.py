"""Background work of accounts."""

from datetime import timedelta
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.services.children import sweep_children as sweep
from accounts.services.codes import purge_codes as purge
from privacy.minors.invitations import forget_answered

_ANSWERED_BY_THEN = timedelta(days=7)  # after its end, so that its link says for a while why it is none
_SETTLED_BY_THEN = timedelta(hours=1)  # longer than any transaction lives


@shared_task(name="accounts.tasks.purge_codes")
def purge_codes() -> None:
    """Delete dead codes and destroy the keys of numbers nobody proved."""
    purge(at=timezone.now())


@shared_task(name="accounts.tasks.purge_sessions")
def purge_sessions() -> None:
    """Delete sessions that have run out."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@shared_task(name="accounts.tasks.sweep_children")
def sweep_children() -> None:
    """Put right what broke off half-way, children without consent deleted, keys included; and tidy links."""
    sweep(before=timezone.now() - _SETTLED_BY_THEN)
    forget_answered(before=timezone.now() - _ANSWERED_BY_THEN)
