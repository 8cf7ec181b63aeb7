"""Waking a worker: a hint that may be lost, for a sweep finds what nobody heard of."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def nudge(job_id: UUID) -> None:
    """Have a worker look at an erasure. May be lost."""
    try:
        current_app.send_task("privacy.erasure.tasks.erase", args=[str(job_id)], retry=False)
    except (OperationalError, RedisError):
        logger.warning("nudge lost; the sweep will find the erasure", extra={"job_id": str(job_id)})
