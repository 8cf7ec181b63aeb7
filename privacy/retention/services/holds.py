"""Legal holds: placed, looked at again, released by somebody; what they keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import connections, router, transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.inventory.registry import lookup, reaches_of, subject_path
from privacy.retention.exceptions import HoldRefused
from privacy.retention.models import HeldRecord, LegalHold, LegalHoldQuerySet

ALL: Final = None  # in place of ids: every row of the table that is the person's
LONGEST_WITHOUT_REVIEW = timedelta(days=366)
_LONGEST_NAME = 80  # characters
_LOCK = 5_501  # of purges and erasures under way against holds that are being placed

Record = tuple[str, UUID | None]  # a table as the framework names it, and a row; ALL for the person's rows
Held = Mapping[str, frozenset[UUID] | None]


@transaction.atomic
def place(
    *,
    subject_id: UUID,
    authority: str,
    document: str,
    review_on: date,
    records: Sequence[Record],
    by: Actor,
    may_tell: bool = True,
) -> LegalHold:
    """Keep records of a person because an authority wants them (X2 5.5.1), until somebody releases them.

    It waits for the batch of a purge or the step of an erasure that is under way, and holds from then on.
    Raises HoldRefused.
    """
    authority, document = authority.strip(), document.strip()
    if by.id is None:
        raise HoldRefused("by", _("请先登录"))
    _refuse_nameless(authority, document)
    _refuse_date(review_on)
    wanted = {(_known_model(label, subject_id, row_id), row_id) for label, row_id in records}
    if not wanted:
        raise HoldRefused("records", _("请选择要保存哪些记录"))
    _take_lock("pg_advisory_xact_lock")
    hold = LegalHold.objects.create(
        subject_id=subject_id,
        authority=authority,
        document=document,
        may_tell=may_tell,
        placed_by=by.id,
        review_on=review_on,
    )
    HeldRecord.objects.bulk_create(
        HeldRecord(hold=hold, model=m, row_id=r) for m, r in sorted(wanted, key=str)
    )
    record("hold.placed", by=by, subject=_told(hold), target=hold, detail={"records": len(wanted)})
    return hold


@transaction.atomic
def release(*, hold_id: UUID, by: Actor) -> LegalHold:
    """End a hold: its records obey their time limits again. Raises HoldRefused if it is over."""
    hold = _standing(hold_id)
    hold.released_at, hold.released_by = timezone.now(), by.id
    hold.save(update_fields=["released_at", "released_by"])
    record("hold.released", by=by, subject=_told(hold), target=hold)
    return hold


@transaction.atomic
def review(*, hold_id: UUID, review_on: date, by: Actor) -> LegalHold:
    """Say that a hold still has to stand, and when to ask again. Raises HoldRefused."""
    _refuse_date(review_on)
    hold = _standing(hold_id)
    hold.review_on = review_on
    hold.save(update_fields=["review_on"])
    record("hold.reviewed", by=by, subject=_told(hold), target=hold)
    return hold


def review_due(*, on: date) -> LegalHoldQuerySet:
    """Holds that somebody has to look at again; they stand until somebody says otherwise."""
    return LegalHold.objects.all().to_review(on)


def held_rows(subject_id: UUID) -> Held:
    """What standing holds keep of a person: by table the ids of rows, or ALL."""
    found: dict[str, frozenset[UUID] | None] = {}
    for model, row_id in _records(Q(hold__subject_id=subject_id)).values_list("model", "row_id"):
        known = found.get(model, frozenset())
        found[model] = ALL if row_id is None or known is ALL else known | {row_id}
    return found


def is_held(*, subject_id: UUID, model: str, row_id: UUID | None = None) -> bool:
    """Whether a hold keeps a row of the person's; without a row, whether it keeps any row of the table."""
    held = held_rows(subject_id).get(model.lower(), frozenset())
    return held is ALL or (row_id in held if row_id is not None else bool(held))


def held_in(model: str) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """What holds keep of a table: of which persons every row, and which single rows."""
    rows = _records(Q(model=model.lower())).values_list("hold__subject_id", "row_id")
    return (
        frozenset(subject for subject, row_id in rows if row_id is None),
        frozenset(row_id for _subject, row_id in rows if row_id is not None),
    )


def keep_holds_out() -> None:
    """Until the caller's transaction ends no hold is placed: what was held a moment ago is what is held."""
    _take_lock("pg_advisory_xact_lock_shared")


def _records(which: Q) -> Any:
    return HeldRecord.objects.filter(which, hold__released_at=None)


def _take_lock(function: str) -> None:
    with connections[router.db_for_write(LegalHold)].cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_LOCK])


def _standing(hold_id: UUID) -> LegalHold:
    hold = LegalHold.objects.all().standing().select_for_update().filter(pk=hold_id).first()
    if hold is None:
        raise HoldRefused("hold", _("这次保存已经解除，或者不存在"))
    return hold


def _told(hold: LegalHold) -> UUID | None:
    """Whose record of deeds says so, which its person reads: nobody's where they may not hear of it."""
    return hold.subject_id if hold.may_tell else None


def _refuse_nameless(authority: str, document: str) -> None:
    if not authority or len(authority) > _LONGEST_NAME:
        raise HoldRefused("authority", _("请写明是哪个机关，80 个字以内"))
    if not document or len(document) > _LONGEST_NAME:
        raise HoldRefused("document", _("请写明文书号，80 个字以内"))


def _refuse_date(review_on: date) -> None:
    today = timezone.localdate()
    if not today < review_on <= today + LONGEST_WITHOUT_REVIEW:
        raise HoldRefused("review_on", _("复核日期请选明天到一年以内的一天"))


def _known_model(label: str, subject_id: UUID, row_id: UUID | None) -> str:
    """The table's name in small letters. Raises HoldRefused where no row there is the person's."""
    try:
        model: type[Model] = apps.get_model(label)
    except (LookupError, ValueError):
        raise HoldRefused("records", _("没有这种记录")) from None
    path = subject_path(model)
    if path is None:
        raise HoldRefused("records", _("这种记录不按人保存"))
    if row_id is not None and not _has(model, path, subject_id, row_id):
        raise HoldRefused("records", _("这个人没有这条记录"))
    return model._meta.label_lower


def _has(model: type[Model], path: str, subject_id: UUID, row_id: UUID) -> bool:
    theirs = Q(**{lookup(path): subject_id})
    for reach in reaches_of(model):
        theirs |= reach(subject_id)
    return model._base_manager.filter(theirs, pk=row_id).exists()
