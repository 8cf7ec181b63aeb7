"""One row per subject, class and generation: the wrapped key, or the mark that it was destroyed."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy.keystore.enums import KeySet, KeyState

WHOLE_SUBJECT = (
    "*"  # the class of the row that speaks for all of a subject's keys, those yet to come included
)
UNPROVED = "unproved"  # the class of keys for numbers that nobody has proved to be theirs

_LIVE = Q(state__in=(KeyState.ACTIVE, KeyState.FROZEN, KeyState.RESTRICTED), destroyed_at=None)


class SubjectKey(models.Model):
    """A subject's key for one retention class, wrapped. Destroyed, it stays so; its row goes once buried."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.UUIDField()
    klass = models.CharField(max_length=32)
    gen = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField(null=True)
    kek_epoch = models.PositiveIntegerField(null=True)
    # Which keys of keys wrap it: children's have a set of their own.
    kek_set = models.CharField(max_length=8, choices=KeySet, default=KeySet.MAIN, db_default=KeySet.MAIN)
    state = models.CharField(max_length=10, choices=KeyState, default=KeyState.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now)
    destroyed_at = models.DateTimeField(null=True)
    # The ledger's entry of the destruction; with it the row may go.
    burial = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="subject_key_buried_is_destroyed", condition=Q(burial=None) | Q(state=KeyState.DESTROYED)
            ),
            models.UniqueConstraint(fields=("subject", "klass", "gen"), name="subject_key_once"),
            models.CheckConstraint(name="subject_key_state_known", condition=Q(state__in=KeyState.values)),
            models.CheckConstraint(
                name="subject_key_destroyed_holds_nothing",
                condition=Q(
                    state=KeyState.DESTROYED, wrapped=None, kek_epoch=None, destroyed_at__isnull=False
                )
                | (_LIVE & Q(klass=WHOLE_SUBJECT, wrapped=None, kek_epoch=None))
                | (_LIVE & ~Q(klass=WHOLE_SUBJECT) & Q(wrapped__isnull=False, kek_epoch__isnull=False)),
            ),
            models.CheckConstraint(
                name="subject_key_whole_is_gen_zero",
                condition=Q(klass=WHOLE_SUBJECT, gen=0) | (~Q(klass=WHOLE_SUBJECT) & Q(gen__gt=0)),
            ),
        ]
        indexes = [
            models.Index(
                F("created_at"),
                name="subject_key_unproved",
                condition=Q(klass=UNPROVED) & ~Q(state=KeyState.DESTROYED),
            ),
            models.Index(
                fields=("kek_set", "kek_epoch", "id"),
                name="subject_key_by_epoch",
                condition=Q(wrapped__isnull=False),
            ),
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE", "DELETE")  # a buried subject's destroyed rows

    def __str__(self) -> str:
        return f"{self.klass}/{self.gen} {self.state}"


class KeyEpoch(models.Model):
    """One key of keys by its number: since when it wraps, when nothing hung on it any more, when it went."""

    id = models.BigAutoField(primary_key=True)
    kek_set = models.CharField(max_length=8, choices=KeySet)
    epoch = models.PositiveIntegerField()
    opened_at = models.DateTimeField(default=timezone.now)
    emptied_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("kek_set", "epoch"), name="an_epoch_once")]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return f"{self.kek_set} {self.epoch}"


class KeyRotation(models.Model):
    """A rotation under way or done: how far it is, so that it goes on where it was."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8)  # epoch, data or index
    target = models.CharField(max_length=40)  # a key set and epoch, or a field
    cursor = models.CharField(max_length=40, blank=True, default="")  # the last id dealt with
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "target"), name="one_rotation_at_a_time", condition=Q(ended_at=None)
            )
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return f"{self.kind} {self.target} {self.done}/{self.total}"


class Burial(models.Model):
    """An entry of the erasure ledger that this database has carried out: whose keys never come back.

    ``who`` is a keyed digest of the subject; ``klass`` one class of keys, `*` for all there are
    and may be, or `-` for none.
    """

    n = models.BigIntegerField(primary_key=True)
    who = models.CharField(max_length=64)
    klass = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=("who",), name="burial_of_somebody")]

    class Privacy:
        app_rights = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return str(self.n)


class StepDone(models.Model):
    """As `privacy.erasure.models.StepDone`, of this database."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job_id = models.UUIDField()
    step = models.CharField(max_length=40)
    rows = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("job_id", "step"), name="key_step_done_once")]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return f"{self.step} {self.rows}"
