"""What an erasure would do: counted from the declarations, nothing opened; what ends, what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db.models import Max, Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy import ports
from privacy.actors import Actor
from privacy.erasure.enums import Scope
from privacy.erasure.services.marking import DEFAULT, VAULT
from privacy.erasure.services.scope import (
    about,
    held_by_authority,
    held_of,
    is_account,
    models_in,
    root_remainder,
    stays,
)
from privacy.erasure.wording import HOLD_UNNAMED
from privacy.inventory import registry
from privacy.inventory.declarations import Keep
from privacy.inventory.enums import Erase
from privacy.retention.models import LegalHold
from privacy.rights.exceptions import NotTheirs
from privacy.rights.models import DataSubjectRequest

_DIGEST = 40  # characters


@dataclass(frozen=True, kw_only=True)
class Line:
    """One kind of rows: how many, what becomes of them, and of what stays until when and by which law."""

    title: str
    count: int
    deed: str
    kept_until: date | None
    source: str
    model: str
    recipients: tuple[str, ...] = ()

    @property
    def goes(self) -> bool:
        """Whether they go at once."""
        return not self.source


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Every line; what ends; what should be finished first; and a digest of what goes.

    It changes as soon as rows or declarations do. What only grows by looking at it, such as the history of
    requests, stays, and is no part of it.
    """

    lines: list[Line]
    ends: list[str]
    unfinished: list[str]
    digest: str


def preview(*, subject_id: UUID, by: Actor, scope: Scope = Scope.PERSON) -> Preview:
    """What an erasure would do to a person with the wards nobody else looks after, or to one child.

    Raises NotTheirs for everybody but the person, their child's guardian, those who work here and the
    software itself.
    """
    subjects = subjects_of(subject_id, scope)
    _let_in(subject_id, by, scope)
    lines = list(_lines(subjects))
    return Preview(
        lines=lines,
        ends=[str(one) for one in ports.get("service_of").what_ends(subject_id)],
        unfinished=_unfinished(subject_id) if scope == Scope.PERSON else [],
        digest=_digest_of(lines),
    )


def subjects_of(subject_id: UUID, scope: Scope) -> tuple[UUID, ...]:
    """Who goes: a guardian first, then the children whom nobody else looks after; or one child."""
    if scope == Scope.CHILD:
        return (subject_id,)
    return (subject_id, *ports.get("wards").alone(subject_id))


def kept_until(model: type[Model], keep: Keep, rows: Q) -> date:
    """The last day on which law keeps these rows, from their own beginning or from today (Asia/Shanghai)."""
    remainder = root_remainder(model)
    since = timezone.now()
    if remainder is not None and remainder.since and remainder.model.lower() == model._meta.label_lower:
        newest = model._base_manager.filter(rows).aggregate(since=Max(remainder.since))["since"]
        since = newest or since
    return timezone.localdate(since + keep.floor)


def keep_of(model: type[Model]) -> Keep:
    """The longest time limit of what stays of a model."""
    kept = [
        registry.keeps[said.keep]
        for _field, said in registry.personal_fields(model)
        if said.erase == Erase.KEEP
    ]
    return max(kept, key=lambda keep: keep.floor)


def title_of(model: type[Model]) -> str:
    """What people call its rows."""
    stated = getattr(getattr(model, "Privacy", None), "title", None)
    return str(stated or model._meta.verbose_name or model._meta.label)


def _lines(subjects: Sequence[UUID]) -> Iterator[Line]:
    held, source = held_of(subjects), _source_of_holds(subjects)
    for database in (DEFAULT, VAULT):
        for model in models_in(database):
            theirs, staying = Q(pk__in=[]), Q(pk__in=[])
            for subject in subjects:
                theirs |= about(model, subject)
                staying |= about(model, subject) & stays(model, subject)
            yield from _of_model(model, theirs, staying, held_by_authority(model, held), source)


def _digest_of(lines: Iterable[Line]) -> str:
    going = {line.model: line.count for line in lines if line.goes}
    told = [
        (model._meta.label_lower, said.id, said.erase.value, said.keep, going[model._meta.label_lower])
        for model in registry.models()
        if model._meta.label_lower in going
        for _field, said in registry.personal_fields(model)
    ]
    return sha256(repr(sorted(told)).encode()).hexdigest()[:_DIGEST]


def _source_of_holds(subjects: Sequence[UUID]) -> str:
    """By what held rows stay, as their person is told: not by whom, where one hold may not be spoken of."""
    secret = LegalHold.objects.all().standing().filter(subject_id__in=subjects, may_tell=False)
    return str(HOLD_UNNAMED) if secret.exists() else _("机关依法要求保存")


def _of_model(model: type[Model], theirs: Q, staying: Q, held: Q, source: str) -> Iterator[Line]:
    rows = model._base_manager.filter(theirs).exclude(registry.untold_in(model))
    if not (whole := rows.count()):
        return
    kept = rows.filter(held).count()
    law = rows.filter(staying).exclude(held).count() if root_remainder(model) else 0
    going = whole - kept - law
    recipients = tuple(dict.fromkeys(_recipients(model)))
    if going:
        deed = _("账号关闭，随后删除") if is_account(model) else _("删除，密钥销毁")
        yield _line(model, going, deed, recipients=recipients)
    if law:
        keep = keep_of(model)
        until = kept_until(model, keep, theirs & staying)
        yield _line(model, law, _("去掉身份，只留法律要求的部分"), until, keep.source, recipients)
    if kept:
        yield _line(model, kept, _("依法要求保存，原样留着"), None, source, recipients)


def _line(
    model: type[Model],
    count: int,
    deed: str,
    until: date | None = None,
    source: str = "",
    recipients: tuple[str, ...] = (),
) -> Line:
    return Line(
        title=title_of(model),
        count=count,
        deed=deed,
        kept_until=until,
        source=source,
        model=model._meta.label_lower,
        recipients=recipients,
    )


def _recipients(model: type[Model]) -> Iterator[str]:
    for _field, said in registry.personal_fields(model):
        yield from registry.purposes[said.why].shared_with


def _let_in(subject_id: UUID, by: Actor, scope: Scope) -> None:
    if by.kind in ("staff", "system") or by.id == subject_id:
        return
    if scope == Scope.CHILD and by.id is not None and subject_id in ports.get("wards").alone(by.id):
        return
    raise NotTheirs


def _unfinished(subject_id: UUID) -> list[str]:
    """What would stay undone, such as requests nobody has answered yet."""
    waiting = DataSubjectRequest.objects.of(subject_id).open()
    return [_("请求 %(reference)s（%(kind)s）还没有办完") % _named(one) for one in waiting]


def _named(request: DataSubjectRequest) -> dict[str, str]:
    return {"reference": request.reference, "kind": request.get_kind_display()}
