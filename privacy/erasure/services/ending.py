"""The last step: nobody's id is left in the erasure itself, a certificate is signed, the request answered."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.erasure.enums import JobState, Scope, StepState
from privacy.erasure.models import ErasureJob, ErasureRest, ErasureStep, Suppression
from privacy.erasure.services.certifying import issue
from privacy.erasure.services.people import is_held, people_of
from privacy.erasure.services.remains import is_own, is_substance, rests_of, review_of
from privacy.erasure.services.work import LeaseLost, Work
from privacy.erasure.wording import ALL_GONE, ANSWERED, KEPT, KEPT_LINE, UNTIL, UNTIL_RELEASED
from privacy.keystore.services import destroy_keys, drop_key_rows
from privacy.rights.enums import ERASING, Outcome, RequestState
from privacy.rights.services.replying import fulfil
from privacy.rights.services.steps import held, settle, step


def certify(work: Work) -> None:
    """End it as far as it goes: wait for what law or a hold keeps, or be done. All of it or none."""
    destroy_keys(work.job.pk)  # of the numbers by which stores were asked: nobody asks any more
    drop_key_rows(work.job.pk)
    work.beat()
    with transaction.atomic():
        job = ErasureJob.objects.select_for_update(of=("self",)).get(pk=work.job.pk)
        if job.state != JobState.RUNNING:
            raise LeaseLost
        waits = is_held(job)
        rests, review_on = rests_of(job), review_of(job)
        if not waits:
            _let_go(job)
        ErasureRest.objects.filter(job=job).delete()
        ErasureRest.objects.bulk_create(rests)
        _end(job, rests)
        _answer(job, rests, waits, review_on)
        certificate = issue(job)
        record(
            "erasure.certified",
            by=SYSTEM,
            subject=job.subject_id if waits else None,
            target=job,
            detail={"version": certificate.version},
        )


def _let_go(job: ErasureJob) -> None:
    """The erasure itself names the alias from now on."""
    own = next((person for person in people_of(job) if person.id == job.subject_id), None)
    if own is not None:
        if job.begun_by == own.id:
            job.begun_by = own.alias
        job.subject_id = own.alias
    job.subjects.update(subject_id=None)


def _end(job: ErasureJob, rests: list[ErasureRest]) -> None:
    now = timezone.now()
    ErasureStep.objects.filter(job=job, name="certify").update(state=StepState.DONE, done_at=now, rows=1)
    deciding = [rest for rest in rests if not is_own(rest)]
    until = [rest.until for rest in deciding if rest.until is not None]
    job.state = JobState.WAITING if deciding else JobState.DONE
    job.remains_until = max(until, default=None)
    job.finished_at = job.finished_at or now
    job.numbers, job.leased_until = None, None
    job.save()
    aliases = job.subjects.values_list("alias", flat=True)
    Suppression.objects.filter(alias__in=aliases).update(until=job.remains_until)


def _answer(job: ErasureJob, rests: list[ErasureRest], waits: bool, review_on: object) -> None:
    """Fulfilled, or partly where something that says something of the person stays."""
    if job.request_id is None:
        return
    row = held(job.request_id)
    if row.state == RequestState.PARTLY_FULFILLED:
        step(row, RequestState.EXECUTING, by=SYSTEM)
    if row.state == RequestState.EXECUTING:
        step(row, RequestState.CHECKING, by=SYSTEM)
    if row.state != RequestState.CHECKING:
        return
    again = row.rights.filter(kind__in=ERASING, outcome=Outcome.PARTLY)
    for right in again:
        settle(right, Outcome.PENDING)
    partly = waits or any(is_substance(rest) for rest in rests)
    fulfil(
        request=row,
        body=_told(job, rests),
        kinds=[kind.value for kind in ERASING],
        outcome=Outcome.PARTLY if partly else Outcome.GRANTED,
        tell_them=job.begun_by != row.subject_id and (job.scope == Scope.CHILD or not row.known),
        remains_until=review_on if waits else None,  # type: ignore[arg-type]  # a day
    )


def _told(job: ErasureJob, rests: list[ErasureRest]) -> str:
    if job.state == JobState.DONE:
        return str(ALL_GONE)
    said = ANSWERED % {
        "rows": sum(line["count"] for line in job.plan if not line["source"]),  # as the certificate says
        "unreadable": _words(job.unreadable_at),
        "final": _words(job.final_by),
    }
    lines = [
        KEPT_LINE
        % {
            "title": rest.title,
            "count": rest.count,
            "until": UNTIL % rest.until if rest.until else UNTIL_RELEASED,
            "source": rest.source,
        }
        for rest in rests
    ]
    return "\n".join([said, str(KEPT), *lines])


def _words(at: object) -> str:
    return date_format(timezone.localtime(at), "Y-m-d H:i")  # type: ignore[arg-type]  # a moment
