"""Background work of accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.services.codes import purge_codes as purge


@shared_task(name="accounts.tasks.purge_codes")
def purge_codes() -> None:
    """Delete dead codes and destroy the keys of numbers nobody proved."""
    purge(at=timezone.now())
