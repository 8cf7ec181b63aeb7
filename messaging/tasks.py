"""Background work of messaging. Tasks carry ids alone."""

from uuid import UUID

from celery import shared_task

from messaging import services


@shared_task(name="messaging.tasks.deliver")
def deliver(message_id: str) -> None:
    """Send one message."""
    services.deliver(message_id=UUID(message_id))


@shared_task(name="messaging.tasks.sweep")
def sweep() -> None:
    """Send what no nudge reached."""
    services.sweep()
