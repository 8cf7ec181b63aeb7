"""Collects static files when one of them changed since the last time: a second start is quick."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

from leap.services.progress import step


def collect_if_changed() -> None:
    """Runs collectstatic unless the collected files come from today's sources."""
    stamp = settings.LEAP_HOME / "run" / "static-sources"
    state = _state()
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    stamp.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with step("static files: collecting"):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(state, encoding="utf-8")


def _state() -> str:
    """A digest of every source file's path, size and time of change."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for path, storage in finder.list(None):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{storage.path(path)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
