"""Runs everything. `manage.py up` itself never loads Django: no fault in an app ends the supervisor."""

from typing import Any

from django.core.management.base import BaseCommand

from leap.services import start


class Command(BaseCommand):
    help = "Starts PostgreSQL, Redis, web, worker and beat, keeps them alive, and ends them on a signal."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        raise SystemExit(start.main())
