"""Whether the database servers let in as many connections as our processes may open."""

from collections import Counter

from django.conf import settings
from django.core.management import CommandError
from django.db import connections

from leap import gunicorn_conf

_SPARE = 15  # a server's own reserve, /readyz, commands and backups


def connections_needed() -> Counter[tuple[str, str]]:
    """Connections by server (host and port): one a thread and database, and one more for recorded reads."""
    web_threads = gunicorn_conf.workers * gunicorn_conf.threads
    worker_threads = settings.CELERY_WORKER_CONCURRENCY + 1
    needed: Counter[tuple[str, str]] = Counter()
    for alias in settings.DATABASES:
        per_web_thread = 2 if alias == "default" else 1
        needed[_server(alias)] += web_threads * per_web_thread + worker_threads
    return needed


def check_connections() -> None:
    """Raises CommandError when a server's max_connections is too small."""
    needed = connections_needed()
    for alias in settings.DATABASES:
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW max_connections")
            allowed = int(cursor.fetchone()[0])
        wanted = needed[_server(alias)] + _SPARE
        if allowed < wanted:
            raise CommandError(
                f"The PostgreSQL server of {alias!r} lets in {allowed} connections, and {wanted} are needed. "
                "Raise its max_connections, or lower LEAP_WEB_WORKERS, LEAP_WEB_THREADS "
                "or LEAP_WORKER_THREADS."
            )


def _server(alias: str) -> tuple[str, str]:
    database = settings.DATABASES[alias]
    return str(database["HOST"]), str(database["PORT"])
