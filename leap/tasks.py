"""What runs by the clock for the house as a whole."""

import logging

from celery import shared_task

from leap.canary import run_canary
from leap.services.backups.making import back_up
from leap.services.backups.trouble import BackupTrouble

logger = logging.getLogger(__name__)


@shared_task(name="leap.tasks.fly_canary")
def fly_canary() -> None:
    """The nightly proof that an erasure leaves nothing: somebody made up is erased and looked for everywhere."""
    run_canary()


@shared_task(name="leap.tasks.back_up")
def make_backup() -> None:
    """The nightly backup. Where it fails, yesterday's stands, and the log says why."""
    try:
        stamp = back_up()
    except BackupTrouble as trouble:
        logger.error("no backup was made: %s", trouble)
    else:
        logger.info("backup made", extra={"stamp": stamp})
