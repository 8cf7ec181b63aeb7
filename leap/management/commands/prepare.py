"""Brings the three databases up to today's code: tables as owner, then grants, then the catalogue as app."""

import argparse
import io
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connections

from accounts.services.roles import load_roles
from leap.capacity import check_connections
from leap.databases import grant_app_role
from leap.env import env_database
from leap.roles import ROLES
from leap.services.progress import step
from leap.static_files import collect_if_changed
from privacy.erasure.services.replaying import behind, replay


class Command(BaseCommand):
    help = "Migrates the three databases as their owners, grants the app roles, loads the catalogue."
    requires_system_checks: list[str] = []  # `handle` runs all of them, those for the public included

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--static", action="store_true", help="collect static files if any changed")
        parser.add_argument("--demo", action="store_true", help="load demo data and logins")

    def handle(self, **options: Any) -> None:
        if settings.DATABASE_ROLE != "owner":
            raise CommandError("Tables are made by their owner: set LEAP_DATABASE_ROLE=owner.")
        self.check(include_deployment_checks=settings.HTTPS)
        check_connections()
        with step("databases: migrating"):
            for alias in settings.DATABASES:
                call_command("migrate", database=alias, verbosity=0, interactive=False, skip_checks=True)
                grant_app_role(alias)
        _serve_as_app()
        _replay()
        with step("catalogue: loading"):
            call_command("load_catalogue", stdout=io.StringIO())
        load_roles(roles=ROLES)
        if options["static"]:
            collect_if_changed()
        if options["demo"]:
            with step("demo: loading"):
                call_command("demo", stdout=io.StringIO())


def _replay() -> None:
    """Carry out again what a restored database has undone: before that nothing serves it."""
    if lacking := behind():
        told = ", ".join(f"{alias} {count}" for alias, count in sorted(lacking.items()))
        with step(f"erasures: carrying out again what restored databases lack ({told})"):
            replay()


def _serve_as_app() -> None:
    """From here on the connections are the app role's: its rights have to do for what is loaded."""
    for alias in connections:
        connections[alias].close()
        prefix = "" if alias == "default" else f"{alias.upper()}_"
        connections[alias].settings_dict.update(env_database(f"{prefix}DATABASE_URL"))
