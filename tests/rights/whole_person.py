"""A person with something on file in every place there is, made from the declarations where the law lets us.

What a field holds follows from its kind and its declaration: a new field is filled the day it is declared.
Rows that the database only takes along their own ways (bookings, places in line, requests) go those ways.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import models, transaction
from django.utils import timezone

from accounts.enums import ReleaseReason
from accounts.models import PhoneBinding, User, VerificationCode
from courses.models import CampusMembership, Teacher
from enrollment.enums import ChangeReason
from enrollment.models import ClassChange, TrialBooking
from enrollment.services.bookings import request_trial
from enrollment.services.moves import move_trial
from enrollment.services.waitlist import accept
from enrollment.services.wishes import ChildWish
from kit.uuid7 import uuid7
from messaging.models import Message
from messaging.telling import as_recipient
from privacy.actors import Actor
from privacy.erasure.enums import JobState, Reason, Scope, StepState, Why
from privacy.erasure.models import (
    ErasureCertificate,
    ErasureJob,
    ErasureRest,
    ErasureStep,
    ErasureSubject,
    RecipientNotice,
    Suppression,
)
from privacy.inventory import registry, telling
from privacy.inventory.pages import is_sealed
from privacy.keystore.services import unproved_subject
from privacy.minors.models import ChildCorrection, GuardianInvitation
from privacy.retention.models import HeldRecord, LegalHold
from privacy.rights.enums import Entrance, Identity, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.models import (
    Correction,
    DataSubjectRequest,
    DownloadTicket,
    ExportPackage,
    ExportStep,
    Pause,
    Refusal,
    Reply,
    RequestedRight,
    Restriction,
)
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.steps import held, settle, step
from tests.children import a_child
from tests.families import a_guardian, a_wish
from tests.people import new_phone
from tests.places import a_campus, a_class, a_course, at
from tests.staff import a_member_of_staff
from tests.waiters import a_full_class, frees_a_seat, offered, waits_for

SECRET = "Zm9yYmlkZGVuLXRva2Vu"  # stands in a link of a message, and must stand nowhere else
CODE = "918273"


@dataclass(kw_only=True)
class Whole:
    """A guardian, what their children are called, and the mark that stands in every text of theirs."""

    guardian: User
    phone: str
    mark: str
    wards: dict[str, UUID] = field(default_factory=dict)

    @property
    def acting(self) -> Actor:
        return Actor("guardian", self.guardian.pk)

    @property
    def texts(self) -> list[str]:
        """What must stand in their own copy and in nobody else's."""
        return [self.mark, self.phone, *self.wards]


def a_whole_person(mark: str = "甲", *, staff: User, other: User) -> Whole:
    """Somebody of whom every table about guardians and children holds a row.

    ``staff`` dealt with what they asked; ``other`` is the second guardian of their children.
    """
    phone = new_phone()
    person = Whole(guardian=a_guardian(phone), phone=phone, mark=mark)
    User.objects.filter(pk=person.guardian.pk).update(last_login=timezone.now())
    for name in (f"{mark}小一", f"{mark}小二"):
        person.wards[name] = a_child(person.guardian, name)
    _account(person)
    _children(person, other)
    _bookings(person)
    _messages(person)
    _requests(person, staff)
    return person


def held_and_erased(person: Whole) -> None:
    """An erasure of theirs that waits, and what an authority wants kept."""
    now = timezone.now()
    job = saved(
        ErasureJob,
        person,
        subject_id=person.guardian.pk,
        scope=Scope.PERSON,
        reason=Reason.ASKED,
        state=JobState.WAITING,
        request=DataSubjectRequest.objects.of(person.guardian.pk).first(),
    )
    saved(ErasureSubject, person, job=job, kind="guardian", subject_id=person.guardian.pk)
    saved(ErasureStep, person, job=job, name="bury", state=StepState.DONE, done_at=now)
    saved(ErasureRest, person, job=job, why=Why.HOLD)
    saved(RecipientNotice, person, job=job, recipient="sms_vendor")
    saved(ErasureCertificate, person, job=job, version=1, body="{}")
    saved(Suppression, person, alias=person.guardian.pk)
    hold = saved(
        LegalHold,
        person,
        subject_id=person.guardian.pk,
        placed_by=uuid7(),
        may_tell=True,
        released_at=now,
        released_by=uuid7(),
    )
    HeldRecord.objects.create(hold=hold, model="messaging.message")


def a_whole_member_of_staff(mark: str = "员") -> User:
    """Somebody who works here, of whom every table about staff holds a row."""
    user = a_member_of_staff(username=f"{mark}工")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    user.user_permissions.set(Permission.objects.all()[:1])
    CampusMembership.objects.get_or_create(user=user, campus=a_campus())
    Teacher.objects.create(pk=user.pk, campus=a_campus(), stage_name=f"{mark}老师")
    ClassChange.objects.create(session=a_class(), by=user, reason=ChangeReason.TIMETABLE, old={}, new={})
    return user


def filled(model: type[models.Model], person: Whole, given: Mapping[str, Any]) -> Any:
    """A new row of ``model``, with whatever ``given`` does not say made from kind and declaration; not saved."""
    values: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.name in given or column.attname in given or column.primary_key:
            continue
        if (value := _value(column, person)) is not None:
            values[column.attname] = value
    return model(**{**values, **given})


def saved(model: type[models.Model], person: Whole, **given: Any) -> Any:
    """The same, saved."""
    row = filled(model, person, given)
    row.save(force_insert=True)
    return row


def _value(column: Any, person: Whole) -> Any:
    declaration = registry.declaration_of(column)
    told = getattr(declaration, "told", None)
    if told in (telling.as_guardian, telling.as_person, telling.as_doer, as_recipient):
        return person.guardian.pk
    if told is telling.as_child:
        return next(iter(person.wards.values()))
    if column.is_relation or getattr(column, "of", None) or declaration is None:
        return None
    return _by_kind(column, person, sealed=is_sealed(column))


def _by_kind(column: Any, person: Whole, *, sealed: bool) -> Any:
    if column.flatchoices:
        return column.flatchoices[0][0]
    shape = str(getattr(column.declaration, "shape", "")) if sealed else column.get_internal_type()
    made: dict[str, Any] = {
        "text": f"{person.mark}{column.name}"[: column.max_length or 60],
        "phone": f"+86{person.phone}",
        "date": date(2021, 5, 1),
        "CharField": f"{person.mark}{column.name}"[: column.max_length or 60],
        "BooleanField": True,
        "DateTimeField": timezone.now(),
        "DateField": timezone.localdate(),
        "PositiveSmallIntegerField": 2,
        "PositiveIntegerField": 3,
        "PositiveBigIntegerField": 4,
        "UUIDField": uuid7(),
        "JSONField": {"count": 1},
    }
    return made.get(shape)


def _account(person: Whole) -> None:
    PhoneBinding.objects.create(
        user=person.guardian,
        phone=f"+86{new_phone()}",
        proved_at=timezone.now(),
        released_at=timezone.now(),
        release_reason=ReleaseReason.values[0],
    )
    now = timezone.now()
    saved(
        VerificationCode,
        person,
        subject_id=unproved_subject(now),
        phone=f"+86{person.phone}",
        code=CODE,
        code_mac=b"mac",
        attempts=1,
        expires_at=now + timedelta(minutes=5),
    )


def _children(person: Whole, other: User) -> None:
    child = next(iter(person.wards.values()))
    now = timezone.now()
    saved(ChildCorrection, person, child_id=child, field="child.nickname")
    ends = {"created_at": now, "expires_at": now + timedelta(hours=1)}
    common = {"child_id": child, "invited_by": person.guardian.pk, **ends}
    saved(
        GuardianInvitation, person, **common, token_hash=uuid7().hex, accepted_by=other.pk, withdrawn_at=None
    )
    saved(GuardianInvitation, person, **common, token_hash=uuid7().hex, accepted_by=None, accepted_at=None)


def _bookings(person: Whole) -> None:
    guardian, children = person.guardian, list(person.wards.values())
    request_trial(guardian=guardian, request=a_wish(source=f"{person.mark}-poster"))
    first, second = [ChildWish(id=child) for child in children]
    wish = a_wish(a_class(starts_at=at(days=3, hour=9)), child=first, siblings=(second,))
    party = request_trial(guardian=guardian, request=wish)
    moved = move_trial(booking=party, session=a_class(starts_at=at(days=4, hour=9)), by=person.acting)
    told = {"class_changed_at": timezone.now(), "coming_at": timezone.now(), "lapsed_at": timezone.now()}
    TrialBooking.objects.filter(pk=moved.pk).update(**told, revision=1)
    _in_line(person, children[0])


def _in_line(person: Whole, child: UUID) -> None:
    """One seat taken that was waited for, one offered and not answered."""
    for hour, answered in ((9, True), (11, False)):
        course = a_course(f"drama-{hour}-{answered}")
        session = a_full_class(course=course, starts_at=at(days=5, hour=hour))
        entry = waits_for(session, guardian=person.guardian, child=child)
        frees_a_seat(session)
        if answered:
            accept(entry=entry, by=person.acting)
        else:
            assert offered(entry).guardian_id == person.guardian.pk


def _messages(person: Whole) -> None:
    link = f"https://example.com/t/{SECRET}/"
    words = {"city": f"{person.mark}城", "reference": "12345", "link": link}
    now = timezone.now()
    saved(
        Message,
        person,
        template="trial_requested",
        purpose="messages",
        recipient_kind="user",
        subject_id=person.guardian.pk,
        recipient_id=person.guardian.pk,
        parameters=json.dumps(words, ensure_ascii=False),
        matter=uuid7().hex,
        failure="timeout",
        state="unknown",
        due_at=now,
    )
    saved(
        Message,
        person,
        template="code",
        purpose="messages",
        subject_id=person.guardian.pk,
        parameters=json.dumps({"code": CODE}),
        matter=uuid7().hex,
        failure="",
        state="sent",
        due_at=now,
    )


def _requests(person: Whole, staff: User) -> None:
    by = Actor("staff", staff.pk)
    asked = Asked(
        kinds=[RequestKind.EXPORT, RequestKind.TRANSFER],
        on_behalf=OnBehalf.WARD,
        concerning_id=next(iter(person.wards.values())),
        words=f"{person.mark}写的话",
        phone=f"+86{person.phone}",
    )
    row = file_request(
        asked=asked,
        subject_id=person.guardian.pk,
        entrance=Entrance.ACCOUNT,
        identity=Identity.STEPPED_UP,
        by=person.acting,
    ).request
    now = timezone.now()
    DataSubjectRequest.objects.filter(pk=row.pk).update(
        handled_by=staff.pk, looked_at_by=staff.pk, looked_at=now, remains_until=timezone.localdate()
    )
    _dealt_with(person, row, by)
    _copied(person, row)
    _withdrawn(person, row)


def _withdrawn(person: Whole, row: DataSubjectRequest) -> None:
    """The request at its end, so that every moment of it is filled in."""
    with transaction.atomic():
        step(held(row.pk), RequestState.WITHDRAWN, by=person.acting, note="transfer")


def _dealt_with(person: Whole, row: DataSubjectRequest, by: Actor) -> None:
    right = RequestedRight.objects.get(request=row, kind=RequestKind.TRANSFER)
    saved(Pause, person, request=row)
    saved(Refusal, person, right=right, proposed_by=by.id, approved_by=uuid7())
    settle(right, Outcome.REFUSED)
    saved(Reply, person, request=row, written_by=by.id)
    saved(Correction, person, request=row, field="binding.phone")
    saved(Restriction, person, request=row, subject_id=person.guardian.pk)


def _copied(person: Whole, row: DataSubjectRequest) -> None:
    package = saved(ExportPackage, person, request=row, state="queued", ready_at=None, expires_at=None)
    ready = datetime.now(tz=timezone.get_current_timezone())
    ExportPackage.objects.filter(pk=package.pk).update(ready_at=ready, expires_at=ready + timedelta(days=7))
    saved(ExportStep, person, package=package, area="accounts.user", position=1)
    saved(
        DownloadTicket,
        person,
        package=package,
        token_hash=uuid7().hex,
        made_at=ready,
        expires_at=ready + timedelta(minutes=5),
    )
