"""Taking a package: a ticket for one download, the download, the password, the page without the zip."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain

from django.db import transaction
from django.utils import timezone

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.inventory.enums import Klass
from privacy.keystore.services import are_usable, let_own
from privacy.rights.enums import PackageState
from privacy.rights.exceptions import PackageNotReady, PackageOver, PackageUnknown, TicketRefused
from privacy.rights.models import DownloadTicket, ExportPackage, ExportStep
from privacy.rights.models.packages import MOST_DOWNLOADS, TICKET_LIFETIME
from privacy.rights.services.export.page import page
from privacy.rights.services.export.parts import ZIP, Parts
from privacy.rights.services.export.sources import sources_of
from privacy.rights.services.steps import happened

_TOKEN_BYTES = 24  # 192 random bits


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a package is: steps done of all there are, and what state it is in."""

    state: PackageState
    done: int
    steps: int
    rows: int
    downloads_left: int
    expires_at: datetime | None


def progress_of(*, package: ExportPackage, by: Actor) -> Progress:
    """How far it is, for who waits for it. Raises PackageUnknown."""
    _let_in(package, by)
    package.refresh_from_db()
    steps = list(ExportStep.objects.filter(package=package))
    done = sum((step.collected_at is not None) + (step.written_at is not None) for step in steps)
    return Progress(
        state=PackageState(package.state),
        done=2 * len(steps) + 1 if package.state == PackageState.READY else done,
        steps=2 * len(steps) + 1,  # each collected and written, and the packing
        rows=sum(step.rows for step in steps),
        downloads_left=MOST_DOWNLOADS - package.downloads,
        expires_at=package.expires_at,
    )


@transaction.atomic
def open_ticket(*, package: ExportPackage, by: Actor) -> str:
    """Leave to fetch a package once within ten minutes; the token, which is stored nowhere.

    The caller has asked for a fresh code. Raises PackageUnknown, PackageNotReady, PackageOver.
    """
    _ready(package, by)
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), timezone.now()
    DownloadTicket.objects.create(
        package=package, token_hash=_hash(token), made_at=now, expires_at=now + TICKET_LIFETIME
    )
    record("export.ticket_opened", by=by, subject=by.id, target=package)
    return token


def fetch(*, token: str, by: Actor) -> Iterator[bytes]:
    """The zip in chunks. The ticket is used up and the download counted before the first of them.

    Raises PackageUnknown (also for a token of somebody else's), TicketRefused for one that was used or is too
    old, PackageOver after the third download or the seventh day.
    """
    ticket = DownloadTicket.objects.filter(token_hash=_hash(token)).select_related("package__request").first()
    if ticket is None:
        raise PackageUnknown
    package = ticket.package
    _ready(package, by)
    # The first chunk is proved before anything is counted: a file that does not open costs nobody a download.
    chunks = Parts(package.pk).read(ZIP)
    first = next(chunks)
    with transaction.atomic():
        now = timezone.now()
        if not DownloadTicket.objects.use(ticket.token_hash, at=now):
            raise TicketRefused
        if not ExportPackage.objects.count_download(package.pk, at=now):
            raise PackageOver
        happened(package.request, "downloaded", by=by)
        record("export.downloaded", by=by, subject=by.id, target=package)
    return chain([first], chunks)


@transaction.atomic
def password_of(*, package: ExportPackage, by: Actor) -> str:
    """The password of the zip, for the page alone; the look is on record. Raises as `open_ticket`."""
    _ready(package, by)
    happened(package.request, "password_shown", by=by)
    record("export.password_shown", by=by, subject=by.id, target=package)
    if package.password is None:
        raise PackageNotReady
    return package.password


def page_of(*, package: ExportPackage, by: Actor) -> Iterator[bytes]:
    """The same as the zip's page, in chunks, as a whole HTML document. On record; raises as `open_ticket`."""
    _ready(package, by)
    with transaction.atomic():
        happened(package.request, "viewed", by=by)
        record("export.viewed", by=by, subject=by.id, target=package)
    titles = {source.name: source.title for source in sources_of(package.request) if source.is_table}
    kept = set(ExportStep.objects.filter(package=package).values_list("area", flat=True))
    chunks = page(
        package,
        Parts(package.pk),
        {name: title for name, title in titles.items() if name in kept},
        offline=False,
    )
    return chain([next(chunks)], chunks)


def _let_in(package: ExportPackage, by: Actor) -> None:
    if by.kind != "guardian" or not package.request.known or by.id != package.request.subject_id:
        raise PackageUnknown


def _ready(package: ExportPackage, by: Actor) -> None:
    """Raises unless this is their package, it can be taken, and their data may still be read."""
    _let_in(package, by)
    package.refresh_from_db()
    if package.state in (PackageState.EXPIRED, PackageState.FAILED):
        raise PackageOver
    if package.state != PackageState.READY or package.expires_at is None:
        raise PackageNotReady
    let_own(package.request.subject_id)
    if (
        package.expires_at <= timezone.now()
        or package.downloads >= MOST_DOWNLOADS
        or not are_usable(package.request.subject_id, Klass.CORE)
        or not are_usable(package.pk, Klass.EXPORT)
    ):
        raise PackageOver


def _hash(token: str) -> str:
    return sha256(b"leap download " + token.encode()).hexdigest()
