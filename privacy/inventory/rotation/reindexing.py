"""Every blind index under the newest key; look-ups ask for all keys there are meanwhile."""

from typing import Any

from django.db import connections, router, transaction
from django.db.models import Model

from privacy.inventory.indexes import BlindIndex
from privacy.inventory.rotation.walking import next_batch, rows_of, sealed_models
from privacy.keystore.blind_index import SWITCH, blind_index
from privacy.keystore.enums import KeySet
from privacy.keystore.rotation.epochs import next_key, note_emptied
from privacy.keystore.rotation.progress import INDEX, Course, Tell, alone, quiet, unfinished
from privacy.keystore.services import Erased, Frozen, restricted_allowed


def rotate_index(*, tell: Tell = quiet) -> int:
    """Give blind indexes a new key, or go on with that; how many stand under an older one still.

    Those are of rows that are being erased; run it again then. Raises CannotRoll. Where other databases' rows
    carry an index that no sealed value stands behind, they live for days at most, and the key before does as
    long: it is destroyed two weeks after the last index left it.
    """
    with alone() as mine:
        if not mine:
            return 0
        begun = [target for target in unfinished(INDEX) if target.isdigit()]
        number = int(begun[0]) if begun else next_key(KeySet.INDEX)
        whole = Course(INDEX, str(number), tell=tell)
        _wait_for_the_last_of_before()
        left = sum(_reindex(model, number, tell) for model in sealed_models() if lasting_indexes_of(model))
        if not left:
            note_emptied(KeySet.INDEX, below=number)
            whole.end()
    return left


def lasting_indexes_of(model: type[Model]) -> list[BlindIndex[Any, Any]]:
    """The blind indexes of a model that outlive a rotation."""
    fields: tuple[Any, ...] = model._meta.concrete_fields
    return [field for field in fields if isinstance(field, BlindIndex) and field.lasting]


def _wait_for_the_last_of_before() -> None:
    """Until whoever looked up or wrote with the older key alone has committed."""
    for alias in {router.db_for_write(model) for model in sealed_models() if lasting_indexes_of(model)}:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [SWITCH])


def _reindex(model: type[Model], number: int, tell: Tell) -> int:
    course, left = Course(INDEX, f"{number} {model._meta.label_lower}"[:40], tell=tell), 0
    course.expect(lambda: rows_of(model).count())
    while True:
        with next_batch(model, course.cursor) as rows:
            left += sum(_reindex_row(row) for row in rows)
        if not rows:
            course.end()
            return left
        course.advance(str(rows[-1].pk), len(rows))


def _reindex_row(row: Model) -> int:
    """How many indexes of the row had to stay under an older key."""
    changed: dict[str, str | None] = {}
    left = 0
    for index in lasting_indexes_of(type(row)):
        before = row.__dict__[index.attname]
        try:
            after = _index_of(row, index) if before is not None else None
        except Frozen:
            left += 1
        else:
            changed |= {index.attname: after} if after != before else {}
    if changed:
        rows_of(type(row)).select_related(None).filter(pk=row.pk).update(**changed)
    return left


def _index_of(row: Model, index: BlindIndex[Any, Any]) -> str | None:
    field: Any = index.source
    held = row.__dict__[field.attname]
    if held is None:
        return None
    try:
        with restricted_allowed([field.subject_of(row)]):  # nobody reads it here
            return blind_index(index.of, field.encoded(field.open_for(row, held)))
    except Erased:
        return None  # nobody may be found by what nobody can read
