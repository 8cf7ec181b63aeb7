"""What runs by the clock for the house as a whole."""

import logging

from celery import shared_task
from django.utils import timezone

from leap.canary import run_canary
from leap.logging import kept_logs
from leap.services import rotation
from leap.services.backups.making import back_up
from leap.services.backups.trouble import BackupTrouble
from leap.services.kept_logs import tidy_logs

logger = logging.getLogger(__name__)


@shared_task(name="leap.tasks.fly_canary")
def fly_canary() -> None:
    """The nightly proof that an erasure leaves nothing: somebody made up is looked for everywhere."""
    run_canary()


@shared_task(name="leap.tasks.drop_old_logs")
def drop_old_logs() -> None:
    """Yesterday's visits made anonymous, logs of a year ago dropped."""
    gone = tidy_logs(kept_logs(), today=timezone.localdate())
    if gone:
        logger.info("old logs dropped", extra={"count": gone})


@shared_task(name="leap.tasks.back_up")
def make_backup() -> None:
    """The nightly backup. Where it fails, yesterday's stands, and the log says why."""
    try:
        stamp = back_up()
    except BackupTrouble as trouble:
        logger.error("no backup was made: %s", trouble)
    else:
        logger.info("backup made", extra={"stamp": stamp})


@shared_task(name="leap.tasks.mind_keys")
def mind_keys() -> None:
    """Roll keys of keys that are a week old, go on with rotations begun, destroy what is over."""
    rotation.mind_keys()
