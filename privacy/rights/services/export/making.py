"""Making a package: who asked for it is told, whoever takes it over goes on where the last one came to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.inventory.enums import Klass
from privacy.keystore.services import Erased, Frozen, are_usable, key_scope, let_own
from privacy.rights.enums import CLOSED, PackageState, RequestKind
from privacy.rights.exceptions import RequestMoved
from privacy.rights.models import DataSubjectRequest, ExportPackage, ExportStep
from privacy.rights.models.packages import KEPT
from privacy.rights.services.export.collecting import collect, plan
from privacy.rights.services.export.ending import drop, fail
from privacy.rights.services.export.packing import pack
from privacy.rights.services.export.parts import ZIP, Parts
from privacy.rights.services.export.passwords import new_password
from privacy.rights.services.export.sources import Source, sources_of
from privacy.rights.services.export.working import LeaseLost, Work
from privacy.rights.services.export.writing import write, written
from privacy.rights.services.replying import fulfil
from privacy.rights.services.steps import happened, held
from privacy.rights.wording import GRANTED

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
_WAIT = timedelta(seconds=30)  # times the attempts made


@transaction.atomic
def request_export(*, request: DataSubjectRequest) -> ExportPackage:
    """Have the copy made that a request asks for; the one there is, unless that one failed.

    A worker is nudged once the transaction commits; a sweep finds what no nudge reached. Raises RequestMoved
    for a request that is closed, or of somebody we do not know.
    """
    row = held(request.pk)
    package = ExportPackage.objects.filter(request=row).first()
    if package is not None and package.state != PackageState.FAILED:
        return package
    if row.state in CLOSED or not row.known:
        raise RequestMoved(row.state)
    if package is not None:
        package.delete()
    package = ExportPackage.objects.create(request=row)
    happened(row, "export_begun", by=SYSTEM)
    record("export.begun", by=SYSTEM, subject=row.subject_id, target=package)
    transaction.on_commit(lambda: nudge(package.pk))
    return package


def nudge(package_id: UUID) -> None:
    """Have a worker look at a package. May be lost."""
    try:
        current_app.send_task("privacy.rights.tasks.make_export", args=[str(package_id)], retry=False)
    except (OperationalError, RedisError):
        logger.warning("nudge lost; the sweep will find the package", extra={"package_id": str(package_id)})


def make(*, package_id: UUID) -> None:
    """Make a package as far as it goes, if nobody else is at it."""
    work = Work.take(package_id)
    if work is None:
        return
    if work.attempt > MOST_ATTEMPTS:
        fail(package_id=package_id, why="attempts")
        return
    try:
        with key_scope():
            _make(work)
    except LeaseLost:
        logger.info("another worker has the package", extra={"package_id": str(package_id)})
    except (Erased, Frozen):
        fail(package_id=package_id, why="keys")
    except Exception:
        logger.exception("package not made; tried again", extra={"package_id": str(package_id)})
        work.let_go(_WAIT * work.attempt)


def _make(work: Work) -> None:
    package = ExportPackage.objects.select_related("request").get(pk=work.package_id)
    whose = package.request.subject_id
    let_own(whose)  # who restricted the use of their data may still take it along
    if not are_usable(whose, Klass.CORE):
        raise Frozen
    parts, sources = Parts(package.pk), sources_of(package.request)
    _step(work, PackageState.COLLECTING)
    plan(package, sources)
    collect(work, parts, sources)
    _step(work, PackageState.WRITING)
    _write(work, parts, sources)
    _step(work, PackageState.PACKING)
    password = new_password()
    pack(work, parts, package, sources, password)
    if _finish(work, parts, password):
        parts.keep_only([ZIP, *(written(source.name, "html") for source in sources)])


def _step(work: Work, to: PackageState) -> None:
    """Say how far it has come. Who took over may stand further already."""
    ahead = (PackageState.QUEUED, PackageState.COLLECTING, PackageState.WRITING, PackageState.PACKING)
    with work.held() as package:
        if ahead.index(PackageState(package.state)) < ahead.index(to):
            package.state = to
            package.save(update_fields=["state"])


def _write(work: Work, parts: Parts, sources: Sequence[Source]) -> None:
    left = ExportStep.objects.filter(package_id=work.package_id, written_at=None)
    names = set(left.values_list("area", flat=True))
    for source in sources:
        if source.name in names and source.is_table:
            write(work, parts, source)


def _finish(work: Work, parts: Parts, password: str) -> bool:
    """Ready, the request answered, the person told, all in one; False where nobody wants it any more."""
    with work.held() as package:
        parts.place([ZIP], work.attempt)
        package.password, package.state = password, PackageState.READY
        package.ready_at = now = timezone.now()
        package.expires_at = now + KEPT
        package.bytes = parts.size(ZIP)
        package.rows = sum(ExportStep.objects.filter(package=package).values_list("rows", flat=True))
        package.save(update_fields=["password", "state", "ready_at", "expires_at", "bytes", "rows"])
        record("export.made", by=SYSTEM, subject=package.request.subject_id, target=package)
        return _answer(package)


def _answer(package: ExportPackage) -> bool:
    try:
        with transaction.atomic():
            fulfil(
                request=package.request,
                body=GRANTED[RequestKind.EXPORT],
                kinds=[RequestKind.EXPORT],
                tell_them=True,
            )
    except RequestMoved:
        row = held(package.request_id)
        if row.state in CLOSED:
            drop(package)
            return False
        happened(row, "export_ready", by=SYSTEM)  # it waits for something else: staff see that this is done
    return True
