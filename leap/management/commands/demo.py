"""Makes what the demo needs beyond the catalogue: staff who can log in."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User

STAFF = [("head-office", "demo-hq")]  # role and username


class Command(BaseCommand):
    help = "Make the demo logins, once, and keep them in ${LEAP_HOME}/demo-logins.txt."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.SMS_GATEWAY not in settings.DEMO_GATEWAYS:
            raise CommandError(
                "The demo needs LEAP_SMS_GATEWAY=console or memory: it would send real messages."
            )
        path = settings.LEAP_HOME / "demo-logins.txt"
        names = [username for _, username in STAFF]
        if path.exists() and User.objects.filter(username__in=names).count() == len(names):
            return
        _write(path, [self._login(role, username) for role, username in STAFF])
        self.stdout.write(f"demo: {len(STAFF)} login(s) made")

    def _login(self, role: str, username: str) -> str:
        password = secrets.token_urlsafe(12)
        user = User.objects.filter(username=username).first()
        if user is None:
            User.objects.create_superuser(username, password)
        else:
            user.set_password(password)
            user.save(update_fields=["password"])
        return f"login: {role} {username} {password} {settings.PUBLIC_URL}/staff/"


def _write(path: Path, lines: list[str]) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
