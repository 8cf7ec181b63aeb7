"""Every sealed value under its subject's newest key; then the keys of before go."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from privacy.inventory.declarations import Personal
from privacy.inventory.holders import Outgoing, Sealed
from privacy.inventory.pages import sealed_fields_of
from privacy.inventory.registry import AnyField, lookup, subject_path
from privacy.inventory.rotation.walking import next_batch, rows_of, sealed_models, writable
from privacy.keystore.rotation.generations import add_generations, destroy_generations, outdated, settled_at
from privacy.keystore.rotation.progress import DATA, Course, Tell, alone, quiet, unfinished
from privacy.keystore.services import Erased, Frozen, generation_of, open_sealed, restricted_allowed, seal

KEYS, END = "keys", "end"

Use = tuple[UUID, str, int]
"""A subject, a class and a generation that something hangs on."""


def rotate_data(*, tell: Tell = quiet) -> datetime | None:
    """Give everybody new keys and seal every value anew under them.

    Returns when the keys of before go: from then on `finish_data` destroys them, unless something was frozen
    and still hangs on one. None where another process is at it, or all is done. It may be killed anywhere and
    run again, and everybody reads and writes meanwhile.
    """
    with alone() as mine:
        if not mine:
            return None
        course = Course(DATA, KEYS, tell=tell)
        if not course.cursor:
            add_generations(before=course.begun_at, advance=lambda number: course.advance("", number))
            course.advance("made", 0)
        if course.cursor != END:
            _reseal_all(outdated(), tell)
            course.advance(END, 0)
        return settled_at()


def finish_data(*, at: datetime) -> int:
    """Destroy the keys nothing hangs on any more since a rotation; how many. None are before its time."""
    if KEYS not in unfinished(DATA):
        return 0
    with alone() as mine:
        due = settled_at()
        if not mine or (due is not None and at < due):
            return 0
        newest = outdated()
        left = used(newest)
        if left:  # what was frozen then, or was sealed by somebody with an older key in mind
            _reseal_all(newest, quiet)
            left = used(newest)
        destroyed = destroy_generations(used=left)
        for target in unfinished(DATA):
            Course(DATA, target).end()
    return destroyed


def used(newest: dict[tuple[UUID, str], int]) -> set[Use]:
    """Which generations before the newest some value hangs on still."""
    found: set[Use] = set()
    for model in sealed_models():
        for field in sealed_fields_of(model):
            klass = _declared(field).klass
            path = lookup(subject_path(model, _declared(field)) or "")
            values = rows_of(model).select_related(None).filter(**{f"{field.attname}__isnull": False})
            for subject, sealed in values.values_list(path, field.attname).iterator(chunk_size=2000):
                gen = generation_of(sealed.blob)
                if gen < newest.get((subject, klass), 0):
                    found.add((subject, klass, gen))
    return found


def _reseal_all(newest: dict[tuple[UUID, str], int], tell: Tell) -> None:
    for model in sealed_models():
        if writable(model):
            _reseal(model, newest, Course(DATA, model._meta.label_lower[:40], tell=tell))


def _reseal(model: type[Model], newest: dict[tuple[UUID, str], int], course: Course) -> None:
    course.expect(lambda: rows_of(model).count())
    while True:
        with next_batch(model, course.cursor) as rows:
            for row in rows:
                _reseal_row(row, newest)
        if not rows:
            course.end()
            return
        course.advance(str(rows[-1].pk), len(rows))


def _reseal_row(row: Model, newest: dict[tuple[UUID, str], int]) -> None:
    changed: dict[str, Any] = {}
    for field in sealed_fields_of(type(row)):
        held = row.__dict__[field.attname]
        if isinstance(held, Sealed) and (anew := _sealed_anew(row, field, held, newest)):
            changed[field.attname] = Outgoing(anew)
    if changed:
        rows_of(type(row)).select_related(None).filter(pk=row.pk).update(**changed)


def _sealed_anew(
    row: Model, field: AnyField, held: Sealed, newest: dict[tuple[UUID, str], int]
) -> bytes | None:
    """The value under the newest key; None where it is, or where it can be opened by nobody now."""
    subject: UUID = field.subject_of(row)  # type: ignore[attr-defined]  # a sealed field's
    declaration = _declared(field)
    if generation_of(held.blob) >= newest.get((subject, declaration.klass), 0):
        return None
    place: dict[str, Any] = {
        "field_id": declaration.id,
        "row_id": str(row.pk),
        "subject": subject,
        "klass": declaration.klass,
    }
    try:
        with restricted_allowed([subject]):  # nobody reads it here
            return seal(open_sealed(held.blob, **place), **place)
    except (Erased, Frozen):  # what is being erased keeps its key, and goes with it
        return None


def _declared(field: AnyField) -> Personal:
    declaration: Personal = field.declaration  # type: ignore[attr-defined]  # our own attribute
    return declaration
