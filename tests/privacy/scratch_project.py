"""A whole start of the product with one more app, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = """
from leap.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, "extra"]
"""
HEAD = """
from django.db import models
from kit.uuid7 import uuid7
from privacy.inventory.fields import *
W = {"why": "account", "keep": "account", "title": "测试"}
"""


def start(folder: Path, models: str, *command: str, **files: str) -> subprocess.CompletedProcess[str]:
    """Run ``python <command>`` (by default Django's checks) with an app ``extra`` that has these models."""
    app = folder / "extra"
    app.mkdir(exist_ok=True)
    (app / "__init__.py").touch()
    (app / "models.py").write_text(HEAD + dedent(models), encoding="utf-8")
    for name, content in files.items():
        (app / f"{name}.py").write_text(dedent(content), encoding="utf-8")
    (folder / "extra_settings.py").write_text(SETTINGS, encoding="utf-8")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "extra_settings",
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *(command or ("-m", "django", "check"))],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
