"""The page of a package that people read: offline inside the zip, and in the browser without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import get_random_string

from privacy.rights.models import ExportPackage, ExportStep
from privacy.rights.services.export.around import left_out, sharing
from privacy.rights.services.export.parts import Parts
from privacy.rights.services.export.writing import written


def page(package: ExportPackage, parts: Parts, titles: dict[str, str], *, offline: bool) -> Iterator[bytes]:
    """The page in pieces: memory holds one chunk of it, however much there is.

    ``titles``: the tables by the name of their step. ``offline``: with what stands beside it in the zip.
    """
    steps = [step for step in ExportStep.objects.filter(package=package) if step.area in titles]
    filled = [step for step in steps if step.rows]
    head, foot = _frame(
        offline=offline,
        reference=package.request.reference,
        as_of=max((step.as_of for step in steps if step.as_of), default=timezone.now()),
        contents=[(step.area, titles[step.area], step.rows) for step in filled],
        empty=[titles[step.area] for step in steps if not step.rows],
    )
    yield head
    for step in filled:
        yield from parts.read(written(step.area, "html"))
    yield foot


def _frame(**said: object) -> Sequence[bytes]:
    """What comes before and after the sections, from one whole template."""
    between = get_random_string(32)
    html = render_to_string(
        "rights/package/page.html",
        {
            **said,
            "sharing": sharing(),
            "excluded": left_out(),
            "sections": between,
        },
    )
    head, foot = html.split(between)
    return head.encode(), foot.encode()
