"""`.env.example` holds every setting the code reads, and no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
URLS = {f"{prefix}DATABASE_{kind}" for prefix in ("", "MINORS_", "KEYS_") for kind in ("URL", "OWNER_URL")}


def settings_read() -> set[str]:
    """The names given to a reader of leap/env.py anywhere in leap."""
    found: set[str] = set()
    for path in (ROOT / "leap").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id.startswith("env_")
            ):
                name = node.args[0]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    found.add(name.value)
    return found


def test_every_setting_is_described() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    described = {match[1] for line in lines if (match := re.match(r"(?:# )?([A-Z][A-Z_]+)=", line))}

    assert "LEAP_PUBLIC_URL" in settings_read()
    assert described == settings_read() | URLS
