"""What goes into a package: the tables that hold something about the person, and the proofs of consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.contrib.auth import get_user_model
from django.db import router
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actors import Actor
from privacy.consent.models import ConsentRecord
from privacy.rights.enums import OnBehalf
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.holdings import Area, Reading, areas, reading, rows

Row = Mapping[str, object]
RECEIPTS = "consent.receipts"
CALLED = "child.called"  # beside the declared ids: which child a row is about


@dataclass(frozen=True, kw_only=True)
class Source:
    """One part of a package. ``rows`` reads it on the connection of that name."""

    name: str
    title: str
    database: str
    columns: Sequence[tuple[str, str]]  # the declared id of a field, and what people call it
    rows: Callable[[str], Iterator[Row]] = field(repr=False)

    @property
    def is_table(self) -> bool:
        """Whether it is written as a table too; what proves a consent is a file of its own."""
        return self.name != RECEIPTS


def sources_of(request: DataSubjectRequest) -> list[Source]:
    """Everything the request asks a copy of, the databases one after the other, as people read within each.

    Read as the person, for it is they who asked (PIPL 45).
    """
    whose = reading(subject_id=request.subject_id, by=Actor("guardian", request.subject_id))
    of_children = areas(of_child=True)
    if request.on_behalf == OnBehalf.WARD:
        return [_of_children(area, whose, request) for area in of_children]
    works_here = get_user_model()._default_manager.filter(pk=request.subject_id, is_staff=True).exists()
    own = [area for area in areas() if works_here or not area.of_staff]
    named = {area.name for area in own}
    return [
        *(_own(area, whose) for area in own),
        *(_of_children(area, whose, request) for area in of_children if area.name not in named),
        _receipts(request, whose),
    ]


def by_database(sources: Sequence[Source]) -> list[tuple[str, list[Source]]]:
    """The sources of each database."""
    ordered = sorted(sources, key=lambda source: source.database)
    return [(name, list(group)) for name, group in groupby(ordered, key=lambda source: source.database)]


def _own(area: Area, whose: Reading) -> Source:
    return Source(
        name=area.name,
        title=str(area.title),
        database=area.database,
        columns=_columns(area),
        rows=lambda using: rows(area, reading=whose, using=using),
    )


def _of_children(area: Area, whose: Reading, request: DataSubjectRequest) -> Source:
    """A table about children: of the one asked for, or of all in the person's care."""

    def read(using: str) -> Iterator[Row]:
        for child_id, child in whose.wards.items():
            if request.concerning_id in (None, child_id):
                for row in rows(area, reading=whose, ward=child_id, using=using):
                    yield {CALLED: child.nickname, **row}

    return Source(
        name=f"{area.name}.children",
        title=_("孩子：%(title)s") % {"title": area.title},
        database=area.database,
        columns=[(CALLED, _("孩子")), *_columns(area)],
        rows=read,
    )


def _columns(area: Area) -> list[tuple[str, str]]:
    return [(field.id, str(field.title)) for field in area.fields]


def _receipts(request: DataSubjectRequest, whose: Reading) -> Source:
    """Each decision as a receipt that names the text it was about, by its hash (ISO/IEC TS 27560)."""

    def read(using: str) -> Iterator[Row]:
        decided = ConsentRecord.objects.using(using).filter(subject_id=request.subject_id)
        for record in decided.select_related("notice").defer("notice__html").order_by("at", "pk").iterator():
            yield _receipt(record, whose)

    return Source(
        name=RECEIPTS,
        title=_("同意凭证"),
        database=router.db_for_read(ConsentRecord),
        columns=[],
        rows=read,
    )


def _receipt(record: ConsentRecord, whose: Reading) -> Row:
    notice, child = record.notice, record.concerning_id
    return {
        "record": str(record.pk),
        "purpose": record.purpose,
        "decision": record.state,
        "at": timezone.localtime(record.at).isoformat(),
        "child": whose.reader().called(child) if child else None,
        "channel": record.channel,
        "as": record.acting_role,
        "declared": record.declaration,
        "document": {
            "name": notice.document,
            "title": notice.title,
            "version": notice.version,
            "sha256": notice.sha256,
            "address": notice.get_absolute_url(),
            "effective": notice.effective_at.isoformat(),
        },
    }
