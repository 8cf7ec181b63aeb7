"""One visit of Lighthouse to a page, as figures."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

SCORES = ("performance", "accessibility", "best-practices", "seo")
SLOW_3G = {"rttMs": 400, "throughputKbps": 400}  # simulated, like the default of 150 ms and 1.6 Mbit/s
_BROWSER = (
    "--headless=new --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_GOOD = 0.9  # an audit below this is named
_PATIENCE = 120  # seconds


class NoVerdict(Exception):
    """Lighthouse came back without a result; the message is what it said."""


@dataclass(frozen=True)
class Visit:
    """What Lighthouse found. Scores are 0 to 100, sizes bytes as transferred, times seconds."""

    scores: Mapping[str, int]
    sizes: Mapping[str, int]
    requests: int
    largest_paint: float
    faults: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return sum(self.sizes.values())


def visit(
    program: Path, url: str, *, session: str = "", slow: bool = False, skip: tuple[str, ...] = ()
) -> Visit:
    """Look at a page on an emulated phone, with a session's cookie if one is given. Raises NoVerdict."""
    root = " --no-sandbox" if os.geteuid() == 0 else ""
    command = [str(program), url, "--quiet", "--output=json", "--no-enable-error-reporting"]
    command += [
        f"--only-categories={','.join(SCORES[:1] if slow else SCORES)}",
        f"--chrome-flags={_BROWSER}{root}",
    ]
    command += [f"--throttling.{name}={value}" for name, value in SLOW_3G.items() if slow]
    command += [f"--extra-headers={json.dumps({'Cookie': f'session={session}'})}"] if session else []
    command += [f"--skip-audits={','.join(skip)}"] if skip else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)
    found = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    if done.returncode or not found or found.get("runtimeError"):
        raise NoVerdict(f"{url}: {found.get('runtimeError', {}).get('message') or done.stderr.strip()}")
    return _read(found)


def _read(found: dict[str, Any]) -> Visit:
    audits = found["audits"]
    sizes: dict[str, int] = {}
    asked = audits["network-requests"]["details"]["items"]
    for request in asked:
        kind = str(request.get("resourceType", "Other"))
        sizes[kind] = sizes.get(kind, 0) + int(request.get("transferSize") or 0)
    weighed = [
        (name, reference["id"])
        for name, category in found["categories"].items()
        for reference in category["auditRefs"]
        if reference["weight"]
    ]
    return Visit(
        scores={name: round(category["score"] * 100) for name, category in found["categories"].items()},
        sizes=sizes,
        requests=len(asked),
        largest_paint=audits["largest-contentful-paint"]["numericValue"] / 1000,
        faults=tuple(
            f"{name}: {audits[audit]['title']}"
            for name, audit in weighed
            if (audits[audit]["score"] if audits[audit]["score"] is not None else 1) < _GOOD
        ),
    )


def middle(visits: list[Visit]) -> Visit:
    """The median of each figure, and every fault that came up."""
    return Visit(
        scores={name: round(median(each.scores[name] for each in visits)) for name in visits[0].scores},
        sizes={name: round(median(each.sizes.get(name, 0) for each in visits)) for name in visits[0].sizes},
        requests=round(median(each.requests for each in visits)),
        largest_paint=median(each.largest_paint for each in visits),
        faults=tuple(dict.fromkeys(fault for each in visits for fault in each.faults)),
    )
