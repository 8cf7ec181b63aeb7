"""What a deletion would do, listed from the declarations: an officer approves exactly what was listed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.actors import Actor
from privacy.inventory import registry
from privacy.inventory.enums import Erase
from privacy.minors.services import names_of
from privacy.rights.enums import OnBehalf, Outcome, RequestKind
from privacy.rights.exceptions import RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.deciding import approve_plan, plan
from privacy.rights.services.holdings import counts, reading
from privacy.rights.services.steps import happened, held

PLANNED_BY_LIST: tuple[RequestKind, ...] = (RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT)
LISTED = "plan_listed"
_DIGEST = 40  # characters that the history keeps
_DEEDS: dict[Erase, str | Promise] = {
    Erase.SHRED: gettext_lazy("销毁密钥，再也读不出来"),
    Erase.DELETE: gettext_lazy("整行删除"),
    Erase.NULL: gettext_lazy("清空这一格"),
    Erase.KEEP: gettext_lazy("留着，已认不出是谁"),
}


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """One kind of rows: how many there are, and what becomes of which of their fields."""

    title: str
    count: int
    deeds: list[tuple[str, list[str], list[str]]]
    """(what is done, to which fields, how long they are kept before) of each deed."""
    goes: bool
    """Whether any of it goes."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every line, and a digest that changes as soon as data or declarations do."""

    lines: list[PlanLine]
    children: int
    """Children in the person's care, which a plan of their own deletes."""
    digest: str


def plan_of(*, subject_id: UUID, by: Actor) -> Plan:
    """What a deletion would do to everything held of a person; counted, and nothing opened."""
    lines, seen = [], set()
    for holding in counts(reading=reading(subject_id=subject_id, by=by)):
        if holding.area.model not in seen:
            seen.add(holding.area.model)
            lines.append(_line(holding.area.model, str(holding.area.title), holding.count))
    children = len(names_of(guardian_id=subject_id))
    # What only grows by looking at it, such as the history of requests, is kept and no part of the digest.
    told = repr([(line.title, line.count, line.deeds) for line in lines if line.goes]) + str(children)
    return Plan(lines=lines, children=children, digest=sha256(told.encode()).hexdigest()[:_DIGEST])


def digest_listed(request: DataSubjectRequest) -> str:
    """The digest of the plan last listed for a request, or nothing."""
    last = request.events.filter(what=LISTED).order_by("at", "pk").last()
    return last.note if last else ""


@transaction.atomic
def list_plan(*, request: DataSubjectRequest, digest: str, by: Actor) -> None:
    """Put the plan that an officer has read before a second look. Raises as `privacy.rights…deciding.plan`,
    and RequestRefused where data or declarations changed since it was read, or where nobody is known.
    """
    row = held(request.pk)
    _same(row, digest, by)
    plan(request=row, by=by)
    happened(row, LISTED, by=by, note=digest)


@transaction.atomic
def approve_listed(*, request: DataSubjectRequest, digest: str, by: Actor) -> None:
    """Approve exactly the plan that another one listed. Raises as `approve_plan`; RequestRefused where it
    changed.
    """
    row = held(request.pk)
    if digest != digest_listed(row):
        raise RequestMoved(row.state)
    _same(row, digest, by)
    approve_plan(request=row, by=by)


def wants_plan(request: DataSubjectRequest) -> bool:
    """Whether something of the request is deleted by a plan, and we know whose it is.

    A plan lists what is held of whoever asks: for a child, or somebody who died, it would be the wrong
    person's.
    """
    pending = request.rights.filter(kind__in=PLANNED_BY_LIST, outcome=Outcome.PENDING)
    return request.known and request.on_behalf == OnBehalf.SELF and pending.exists()


def _same(row: DataSubjectRequest, digest: str, by: Actor) -> None:
    if not wants_plan(row):
        raise RequestRefused("plan", _("这件请求没有要按计划删除的"))
    if plan_of(subject_id=row.subject_id, by=by).digest != digest:
        raise RequestRefused("plan", _("这期间信息有变化，计划重新列过了，请再看一遍"))


def _line(model: type, title: str, count: int) -> PlanLine:
    fields: dict[Erase, list[str]] = defaultdict(list)
    kept: dict[Erase, list[str]] = defaultdict(list)
    for _field, declaration in registry.personal_fields(model):
        fields[declaration.erase].append(str(declaration.name))
        kept[declaration.erase].append(str(registry.keeps[declaration.keep].title))
    deeds = [
        (str(_DEEDS[erase]), list(dict.fromkeys(names)), list(dict.fromkeys(kept[erase])))
        for erase, names in fields.items()
    ]
    return PlanLine(title=title, count=count, deeds=deeds, goes=bool(set(fields) - {Erase.KEEP}))
