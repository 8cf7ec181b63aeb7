"""Background work of accounts."""

from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.services.codes import purge_codes as purge


@shared_task(name="accounts.tasks.purge_codes")
def purge_codes() -> None:
    """Delete dead codes and destroy the keys of numbers nobody proved."""
    purge(at=timezone.now())


@shared_task(name="accounts.tasks.purge_sessions")
def purge_sessions() -> None:
    """Delete sessions that have run out."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
