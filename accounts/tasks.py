"""Background work of accounts."""

from datetime import timedelta
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.services.children import sweep_children as sweep
from accounts.services.codes import purge_codes as purge

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
    """Delete children whose consent was never recorded, or is withdrawn, keys included."""
    sweep(before=timezone.now() - _SETTLED_BY_THEN)
