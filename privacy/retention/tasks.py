"""Background work of retention."""

from celery import shared_task
from django.utils import timezone

from privacy.retention.services import nightly


@shared_task(name="privacy.retention.tasks.purge_expired")
def purge_expired() -> None:
    """Let everything go that is over its time."""
    for _run in nightly.purge_expired(at=timezone.now()):
        pass
    nightly.tidy(at=timezone.now())
    nightly.remind_of_reviews(at=timezone.now())
