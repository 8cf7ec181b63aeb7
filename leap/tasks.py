"""Background work on what every app stands on."""

from celery import shared_task

from leap.services import rotation


@shared_task(name="leap.tasks.mind_keys")
def mind_keys() -> None:
    """Roll keys of keys that are a week old, go on with rotations begun, destroy what is over."""
    rotation.mind_keys()
