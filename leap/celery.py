"""The task queue: its application, its whole timetable, and the worker's sign of life."""

import contextlib
import logging
import os
from typing import Any, Self

import redis
from celery import Celery, signals
from celery.app.amqp import AMQP
from celery.schedules import crontab
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection

from privacy.keystore.scope import key_scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leap.settings")  # noqa: TID251  celery's command line sets none

_CHATTY = ("celery.beat", "celery.worker.strategy", "celery.app.trace")  # three lines every five seconds
ALIVE_SECONDS = 10  # how long one sign of life counts; the worker gives one every two seconds

# Every task that runs by the clock. `expires` (seconds): what a stopped worker missed isn't made up for.
TIMETABLE: dict[str, dict[str, Any]] = {
    "send what no nudge reached": {
        "task": "messaging.tasks.sweep",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "begin and end classes": {
        "task": "enrollment.tasks.advance",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "let go of held seats, offer free ones": {
        "task": "enrollment.tasks.settle",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "remind of classes": {
        "task": "enrollment.tasks.remind",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "drop codes that ran out": {
        "task": "accounts.tasks.purge_codes",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "drop children without consent": {
        "task": "accounts.tasks.sweep_children",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    # At night, when few are about.
    "let go of what is over its time": {
        "task": "privacy.retention.tasks.purge_expired",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 3600},
    },
    "back everything up, drop old backups": {
        "task": "leap.tasks.back_up",
        "schedule": crontab(hour=2, minute=40),
        "options": {"expires": 3600},
    },
    "drop old logs": {
        "task": "leap.tasks.drop_old_logs",
        "schedule": crontab(hour=0, minute=40),
        "options": {"expires": 3600},
    },
    "prove the seat ledger": {
        "task": "enrollment.tasks.prove_ledger",
        "schedule": crontab(hour=3, minute=30),
        "options": {"expires": 3600},
    },
    "erase somebody made up, and look for them everywhere": {
        "task": "leap.tasks.fly_canary",
        "schedule": crontab(hour=4, minute=10),
        "options": {"expires": 3600},
    },
    # A new day within the hour after midnight; nothing to do in the others.
    "fill the demo's coming weeks": {
        "task": "enrollment.tasks.roll_demo_classes",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "go on with copies somebody waits for, end old ones": {
        "task": "privacy.rights.tasks.sweep_exports",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "go on with erasures": {
        "task": "privacy.erasure.tasks.sweep",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "go on with erasures that waited": {
        "task": "privacy.erasure.tasks.wake",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "mend keys of the restricted": {
        "task": "privacy.rights.tasks.mend_restrictions",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "drop sessions that ran out": {
        "task": "accounts.tasks.purge_sessions",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # A key of keys rolls in its seventh day and goes a week later: within fourteen days, as promised.
    "roll keys of keys, end old ones": {
        "task": "leap.tasks.mind_keys",
        "schedule": crontab(minute=17),
        "options": {"expires": 3600},
    },
    # Deadlines end with a day in Shanghai; each hour, so that a worker that was away loses no day.
    "reckon deadlines anew": {
        "task": "privacy.rights.tasks.reckon",
        "schedule": crontab(minute=2),
        "options": {"expires": 3600},
    },
    "end requests nobody came back to": {
        "task": "privacy.rights.tasks.lapse",
        "schedule": crontab(minute=4),
        "options": {"expires": 3600},
    },
    "warn of deadlines": {
        "task": "privacy.rights.tasks.warn",
        "schedule": crontab(minute=6),
        "options": {"expires": 3600},
    },
    "mind that the calendar goes on": {
        "task": "privacy.rights.tasks.mind_the_calendar",
        "schedule": crontab(hour=8, minute=30),
        "options": {"expires": 3600},
    },
}


class SteadyConnection(Connection):
    """Looks for a lost Redis every second, however long; Celery's own wait grows to half a minute."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Self:
        return super().ensure_connection(*args, **{**kwargs, "interval_start": 1, "interval_step": 0})


class SteadyQueues(AMQP):
    """Celery's queues, on such connections."""

    Connection = SteadyConnection


app = Celery("leap", amqp=SteadyQueues)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = TIMETABLE
app.autodiscover_tasks()


def alive_key() -> str:
    """The Redis key under which this start's worker says that it lives."""
    return f"leap:worker:{settings.START_ID}"


@signals.celeryd_init.connect
def be_patient(conf: Any, **_: Any) -> None:
    """A worker waits for work on its connection; only requests are in a hurry."""
    own = {"socket_timeout": 10, "max_retries": None}
    conf.broker_transport_options = {**conf.broker_transport_options, **own}


@signals.worker_init.connect
@signals.beat_init.connect
def refuse_undeclared_data(**_: Any) -> None:
    """Neither worker nor beat runs over data nobody declared. Celery lets only a SystemExit out of here."""
    from leap.start_checks import refuse_to_start

    try:
        refuse_to_start()
    except ImproperlyConfigured as wrong:
        raise SystemExit(str(wrong)) from wrong


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery sets up logging of its own unless somebody else does."""
    from leap.logging import configure

    configure(settings.LOGGING)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


_key_scopes: dict[str, contextlib.ExitStack] = {}  # by task id, while the task runs


@signals.task_prerun.connect
def open_key_scope(task_id: str, **_: Any) -> None:
    """Each task remembers the keys it reads, and only until it ends."""
    _key_scopes[task_id] = stack = contextlib.ExitStack()
    stack.enter_context(key_scope())


@signals.task_postrun.connect
def close_key_scope(task_id: str, **_: Any) -> None:
    """The task is over, and so is what it remembered."""
    stack = _key_scopes.pop(task_id, None)
    if stack is not None:
        stack.close()


@signals.heartbeat_sent.connect
def say_alive(**_: Any) -> None:
    """Leaves a sign of life. Without Redis there is none to leave, and nobody to miss it but /readyz."""
    with contextlib.suppress(redis.RedisError):
        _client().set(alive_key(), "1", ex=ALIVE_SECONDS)


@signals.worker_shutdown.connect
def say_ended(**_: Any) -> None:
    """Takes the sign back at once."""
    with contextlib.suppress(redis.RedisError):
        _client().delete(alive_key())


def _client() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1)
