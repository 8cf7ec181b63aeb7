"""Background work of erasures. Tasks carry ids alone."""

from uuid import UUID

from celery import shared_task

from privacy.erasure.services import running


@shared_task(name="privacy.erasure.tasks.erase")
def erase(job_id: str) -> None:
    """Work at one erasure."""
    running.run(job_id=UUID(job_id))


@shared_task(name="privacy.erasure.tasks.sweep")
def sweep() -> None:
    """Nudge what no nudge reached or whose worker died."""
    running.sweep()


@shared_task(name="privacy.erasure.tasks.wake")
def wake() -> None:
    """Go on where a hold is released or a time is over, thaw what broke off, certify what became final."""
    running.wake()
    running.thaw_broken_off()
    running.finish()
