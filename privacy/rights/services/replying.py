"""Writing to the person. The final reply ends a request, gives every reason, and names the remedies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record
from privacy.consent.operator import operator
from privacy.rights.enums import CLOSED, OPEN_TO_ALL, Outcome, RefusalCode, RequestKind, RequestState
from privacy.rights.exceptions import RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest, Refusal, Reply
from privacy.rights.models.requests import WORDS
from privacy.rights.policies import require_staff
from privacy.rights.services.notices import tell
from privacy.rights.services.steps import happened, held, settle, step
from privacy.rights.wording import BLANK, refused_in_words, remains_in_words, remedies

LEAST = 10  # characters of a reply that says something
LONGEST_REST = timedelta(days=60)  # what takes longer is a refusal, which takes a second person


@transaction.atomic
def reply(
    *, request: DataSubjectRequest, body: str, final: bool, by: Actor, remains_until: date | None = None
) -> Reply:
    """Write to the person. A final reply closes the request in the state that its rights' outcomes make.

    What is answered by words alone, such as a question, is granted by the reply itself. The reasons of
    refused rights and the remedies are added, so that nobody forgets them (PIPL 50; X1-10c, X2-5.8e).
    ``remains_until``: the day by which what is pending or partly done will be (Asia/Shanghai); needed for
    those, refused otherwise. Raises RequestRefused for what cannot be sent, RequestMoved for a request that
    somebody else closed or that waits for the person, NotEntitled.
    """
    require_staff(by)
    row = held(request.pk)
    _refuse_empty(body)
    if not final:
        if row.state in CLOSED and row.state != RequestState.PARTLY_FULFILLED:
            raise RequestMoved(row.state)
        return _written(row, body, final=False, by=by)
    for right in row.rights.filter(outcome=Outcome.PENDING, kind__in=OPEN_TO_ALL):
        settle(right, Outcome.GRANTED)
    to = _end_of(row, remains_until)
    row.remains_until, row.warned = remains_until, None
    row.save(update_fields=["remains_until", "warned"])
    step(row, to, by=by)
    return _written(row, _whole(row, body), final=True, by=by)


@transaction.atomic
def fulfil(
    *,
    request: DataSubjectRequest,
    body: str,
    by: Actor = SYSTEM,
    kinds: Collection[str] | None = None,
    outcome: Outcome = Outcome.GRANTED,
    tell_them: bool = False,
    remains_until: date | None = None,
) -> Reply:
    """Say that a function did what was asked, in the transaction of the deed, with the remedies.

    ``kinds``: which rights it did, by default all that are pending. With others left the request stays open
    and the reply is no final one. Whoever acted sees the outcome on the page: a message goes out only with
    ``tell_them``. ``remains_until``: the day on which a rest that ``outcome`` speaks of is looked at again,
    None where it ends by itself. Raises RequestMoved, also where there is nothing left to do.
    """
    row = held(request.pk)
    rights = list(row.rights.filter(outcome=Outcome.PENDING))
    done = [right for right in rights if kinds is None or right.kind in kinds]
    closed = row.state in CLOSED and row.state != RequestState.PARTLY_FULFILLED
    if closed or (rights and not done):
        raise RequestMoved(row.state)
    for right in done:
        settle(right, outcome)
        detail = {"kind": right.kind, "outcome": outcome.value}
        record("right.settled", by=by, subject=row.subject_id, target=right, detail=detail)
    if len(done) < len(rights):
        return _written(row, body, final=False, by=SYSTEM, tell_them=tell_them)
    partly = outcome == Outcome.PARTLY
    to = RequestState.PARTLY_FULFILLED if partly else _end_of(row, None)
    row.remains_until = remains_until
    row.save(update_fields=["remains_until"])
    step(row, to, by=by)
    return _written(row, _whole(row, body), final=True, by=SYSTEM, tell_them=tell_them)


def _written(row: DataSubjectRequest, body: str, *, final: bool, by: Actor, tell_them: bool = True) -> Reply:
    written = Reply.objects.create(
        request=row,
        body=body.strip(),
        remedies=remedies(operator()),
        is_final=final,
        written_by=by.id if by.kind == "staff" else None,
    )
    happened(row, "replied", by=by, note="final" if final else "")
    record("request.replied", by=by, subject=row.subject_id, target=row, detail={"final": final})
    if tell_them:
        tell(row, "rights_answered" if final else "rights_news")
    return written


def _refuse_empty(body: str) -> None:
    if BLANK.search(body):
        raise RequestRefused("body", _("还有没填的地方，请把【】换成要说的话"))
    if len("".join(body.split())) < LEAST:
        raise RequestRefused("body", _("请把办了什么、结果怎样写清楚，至少 %d 个字") % LEAST)


def _end_of(row: DataSubjectRequest, remains_until: date | None) -> RequestState:
    """The state that the outcomes make. Raises RequestRefused where they make none."""
    outcomes = {Outcome(right.outcome) for right in row.rights.all()}
    remains = outcomes & {Outcome.PENDING, Outcome.PARTLY}
    if outcomes == {Outcome.PENDING}:
        raise RequestRefused("body", _("还没有写下每一项的结果：先办，或者先提出不能办的理由"))
    if remains and (remains_until is None or remains_until < timezone.localdate()):
        raise RequestRefused("remains_until", _("还有没办完的，请填最迟办到哪一天"))
    if not remains and remains_until is not None:
        raise RequestRefused("remains_until", _("每一项都有结果了，没有余下的"))
    if remains_until is not None and remains_until > timezone.localdate() + LONGEST_REST:
        raise RequestRefused("remains_until", _("余下的 60 天内要办到；更久的，先提出不能办的理由"))
    if remains:
        return RequestState.PARTLY_FULFILLED
    if Outcome.REFUSED not in outcomes:
        return RequestState.FULFILLED
    return RequestState.PARTLY_FULFILLED if Outcome.GRANTED in outcomes else RequestState.REFUSED


def _whole(row: DataSubjectRequest, body: str) -> str:
    """The reply with the reasons of what was refused and the date of what remains."""
    refused = Refusal.objects.filter(right__request=row, approved_at__isnull=False).select_related("right")
    reasons = [
        refused_in_words(
            kind=RequestKind(one.right.kind),
            code=RefusalCode(one.code),
            clause=one.clause,
            reason=one.reason,
        )
        for one in refused.order_by("right__pk")
    ]
    parts = [body.strip(), *reasons]
    if row.remains_until is not None:
        left = row.rights.filter(outcome__in=(Outcome.PENDING, Outcome.PARTLY))
        parts.append(remains_in_words([RequestKind(right.kind) for right in left], row.remains_until))
    whole = "\n\n".join(parts)
    if len(whole) > WORDS:
        raise RequestRefused("body", _("连同不能办的理由最多 %d 个字，请写短一些") % WORDS)
    return whole
