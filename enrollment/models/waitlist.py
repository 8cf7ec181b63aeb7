"""Who waits for a seat, in which of the classes that would do, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enrollment.enums import WAITS, BookingChannel, WaitlistState
from enrollment.models.classes import ClassSession
from enrollment.models.declared import of_waiting
from enrollment.models.names import new_public_id
from enrollment.models.telling import as_class, as_place
from kit.uuid7 import uuid7
from privacy.inventory.fields import plain
from privacy.inventory.telling import as_child, as_guardian
from privacy.rights.services.restricting import restricted_ids

_OPEN = sorted(WAITS)


class WaitlistEntryQuerySet(models.QuerySet["WaitlistEntry"]):
    def of(self, user_id: UUID) -> WaitlistEntryQuerySet:
        return self.filter(guardian_id=user_id)

    def open(self) -> WaitlistEntryQuerySet:
        """Waiting, or with an offer to be answered."""
        return self.filter(state__in=WAITS)

    def named(self, public_id: str) -> WaitlistEntryQuerySet:
        return self.filter(public_id=public_id)

    def in_use(self) -> WaitlistEntryQuerySet:
        """Without those whose guardian, or whose child, had the use of what is kept restricted (PIPL 44)."""
        left_alone = restricted_ids()
        return self.exclude(guardian_id__in=left_alone).exclude(child_id__in=left_alone)

    def within(self, campus_ids: Collection[int] | None) -> WaitlistEntryQuerySet:
        """Those that wait, or waited, for a class at one of the campuses; all of them for None.

        As staff may know them: without those of whom the use is restricted.
        """
        known = self.in_use()
        if campus_ids is None:
            return known
        there = WaitlistChoice.objects.filter(entry=OuterRef("pk"), session__campus__in=list(campus_ids))
        return known.filter(Exists(there))

    def newest_first(self) -> WaitlistEntryQuerySet:
        return self.order_by("-joined_at", "-pk")


class WaitlistEntry(models.Model):
    """A family that waits for one seat in any of some classes, first come first served.

    Its state follows the seats offered to it: the trigger on bookings writes ``offered`` and what comes of
    it, so that an open offer and a held seat are the same thing.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    public_id = plain(
        models.CharField(max_length=22, unique=True, default=new_public_id, editable=False),
        "a random name",
    )
    guardian = of_waiting(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            related_name="waitlist_entries",
            verbose_name=_("监护人"),
        ),
        "guardian",
        "user.unique_id",
        told=as_guardian,
    )
    # A child's subject id; the child stands in another database.
    child_id = of_waiting(models.UUIDField(_("孩子"), null=True), "child", "user.unique_id", told=as_child)
    state = of_waiting(
        models.CharField(
            _("状态"), max_length=10, choices=WaitlistState.labelled, default=WaitlistState.WAITING
        ),
        "state",
    )
    channel = of_waiting(
        models.CharField(_("渠道"), max_length=10, choices=BookingChannel.labelled), "channel"
    )
    # Written while the classes are held, so that the order is the order of coming.
    joined_at = of_waiting(models.DateTimeField(_("加入时间"), db_default=Now(), editable=False), "joined_at")
    closed_at = of_waiting(models.DateTimeField(_("结束时间"), null=True), "closed_at")

    objects: ClassVar[models.Manager[WaitlistEntry]] = WaitlistEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("候补")
        indexes = [models.Index(fields=["guardian", "-joined_at"], name="waitlist_guardian")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WaitlistState.values), name="waitlist_state_known"),
            models.CheckConstraint(
                condition=Q(channel__in=BookingChannel.values), name="waitlist_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN, closed_at=None)
                | ~Q(state__in=_OPEN) & Q(closed_at__isnull=False),
                name="waitlist_closed_iff_over",
            ),
        ]

    class Privacy:
        subject = "guardian_id"
        ward = "child_id"
        place = 32

    def __str__(self) -> str:
        return f"waitlist entry {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("enrollment:waiting", args=[self.public_id])


class WaitlistChoiceQuerySet(models.QuerySet["WaitlistChoice"]):
    def waiting_for(self, session_id: UUID) -> WaitlistChoiceQuerySet:
        """Who waits for a seat in the class, in their order."""
        return self.filter(session_id=session_id, state=WaitlistState.WAITING).order_by("joined_at", "entry")

    def waiting(self) -> WaitlistChoiceQuerySet:
        """All who wait, for whichever class."""
        return self.filter(state=WaitlistState.WAITING)

    def of_entries(self, entry_ids: Iterable[UUID]) -> WaitlistChoiceQuerySet:
        """The classes of the entries, the soonest first, with what pages say of them."""
        return self.filter(entry__in=list(entry_ids)).with_classes()

    def of_campuses(self, campus_ids: Collection[int] | None) -> WaitlistChoiceQuerySet:
        """Those at one of the campuses, or anywhere for None, with what pages say of them."""
        there = self if campus_ids is None else self.filter(session__campus__in=list(campus_ids))
        return there.with_classes()

    def with_classes(self) -> WaitlistChoiceQuerySet:
        """The soonest first, with what pages say of their classes."""
        classes = self.select_related("session__campus__city", "session__course__programme")
        return classes.order_by("session__starts_at", "session")


class WaitlistChoice(models.Model):
    """One of the classes an entry waits for. Guardian, child and time are copied from there.

    ``state`` follows the entry's; a choice may lapse by itself, when its class begins or is called off.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    entry = of_waiting(
        models.ForeignKey(WaitlistEntry, models.CASCADE, related_name="choices"),
        "entry",
        label=_("哪一次候补"),
        told=as_place,
    )
    session = of_waiting(
        models.ForeignKey(
            ClassSession, models.PROTECT, related_name="waitlist_choices", verbose_name=_("课次")
        ),
        "session",
        told=as_class,
    )
    guardian_id = of_waiting(
        models.UUIDField(null=True, editable=False),
        "choice.guardian",
        "user.unique_id",
        label=_("监护人"),
        told=as_guardian,
    )
    child_id = of_waiting(
        models.UUIDField(null=True, editable=False),
        "choice.child",
        "user.unique_id",
        label=_("孩子"),
        told=as_child,
    )
    joined_at = of_waiting(
        models.DateTimeField(db_default=Now(), editable=False), "choice.joined_at", label=_("加入时间")
    )
    state = of_waiting(
        models.CharField(max_length=10, choices=WaitlistState.labelled, default=WaitlistState.WAITING),
        "choice.state",
        label=_("状态"),
    )

    objects: ClassVar[models.Manager[WaitlistChoice]] = WaitlistChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("候补的课次")
        indexes = [
            models.Index(
                fields=["session", "joined_at", "entry"], condition=Q(state="waiting"), name="waitlist_queue"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "session"], name="one_choice_a_class"),
            models.UniqueConstraint(
                fields=["session", "child_id"],
                condition=Q(state__in=_OPEN, child_id__isnull=False),
                name="one_open_entry",
            ),
            models.UniqueConstraint(
                fields=["session", "guardian_id"],
                condition=Q(state__in=_OPEN, child_id=None),
                name="one_open_entry_unnamed",
            ),
            models.CheckConstraint(condition=Q(state__in=WaitlistState.values), name="choice_state_known"),
        ]

    class Privacy:
        subject = "entry.guardian_id"
        ward = "entry.child_id"
        place = 33
        beside = ("session.course", "session.campus")

    def __str__(self) -> str:
        return f"waitlist choice {self.pk}"
