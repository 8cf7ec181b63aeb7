"""Makes what the demo needs beyond the catalogue: logins of staff, classes, families, requests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.services.roles import enrol_staff, find_staff
from courses.models import Campus
from courses.services.memberships import assign_campuses
from enrollment.services.demo_classes import keep_classes_rolling
from enrollment.services.demo_desks import DESKS, desk_of, keep_desks_busy
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE, MINORS_OFFICER, PRIVACY_OFFICER
from privacy.actors import SYSTEM, Actor
from website.services.demo_requests import keep_requests_there


@dataclass(frozen=True)
class Login:
    """A member of staff of the demo: what the line calls them, their name, role and first page."""

    called: str
    username: str
    role: str
    page: str = "/staff/"
    city: str = ""
    """Whose first campus they work for; none when empty."""


LOGINS = (
    Login("head-office", "demo-hq", HEAD_OFFICE),
    Login("campus-beijing", "demo-beijing", CAMPUS, "/staff/today/", DESKS[0]),
    Login("campus-shanghai", "demo-shanghai", CAMPUS, "/staff/today/", DESKS[1]),
    Login("privacy-officer", "demo-privacy", PRIVACY_OFFICER, "/staff/requests/"),
    Login("second-privacy-officer", "demo-privacy-2", PRIVACY_OFFICER, "/staff/requests/"),
    Login("minors-officer", "demo-minors", MINORS_OFFICER, "/staff/requests/"),
    Login("auditor", "demo-auditor", AUDITOR),
)


class Command(BaseCommand):
    help = (
        "Make missing demo logins, kept in ${LEAP_HOME}/demo-logins.txt, classes for weeks to come "
        "and today, and requests for the officers."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SMS_GATEWAY not in settings.DEMO_GATEWAYS:
            raise CommandError(
                "The demo needs LEAP_SMS_GATEWAY=console or memory: it would send real messages."
            )
        path = settings.LEAP_HOME / "demo-logins.txt"
        known = _passwords(path)
        with transaction.atomic():
            made = {login.username: _enrol(login, known.get(login.username)) for login in LOGINS}
            _write(path, [_line(login, made[login.username]) for login in LOGINS])
        new = sum(known.get(name) != password for name, password in made.items())
        classes = keep_classes_rolling() + keep_desks_busy()
        requests = keep_requests_there(officer=_officer())
        said = f"{new} login(s) made, {classes} class(es) made, {requests} request(s) made"
        self.stdout.write(f"demo: {said}")


def _enrol(login: Login, known: str | None) -> str:
    """The password of this login: the one on file as long as its user is there, or a new one."""
    user = find_staff(username=login.username)
    password = known if user and known else None
    if user and password and not user.is_superuser and user.groups.filter(name=login.role).exists():
        return password
    new = None if password else secrets.token_urlsafe(12)
    user = enrol_staff(username=login.username, password=new, role=login.role, by=SYSTEM)
    if login.city:
        assign_campuses(user=user, campuses=[_campus(login.city)], by=SYSTEM)
    return password or str(new)


def _officer() -> Actor:
    user = find_staff(username="demo-privacy")
    return Actor(kind="staff", id=user.pk) if user else SYSTEM


def _campus(city: str) -> Campus:
    campus = desk_of(city)
    if campus is None:
        raise CommandError(f"The catalogue has no campus in {city}: run load_catalogue first.")
    return campus


def _passwords(path: Path) -> dict[str, str]:
    """By username, as the file of an earlier start keeps them."""
    if not path.exists():
        return {}
    words = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return {line[2]: line[3] for line in words if len(line) == 5 and line[0] == "login:"}  # noqa: PLR2004


def _line(login: Login, password: str) -> str:
    return f"login: {login.called} {login.username} {password} {settings.PUBLIC_URL}{login.page}"


def _write(path: Path, lines: list[str]) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
