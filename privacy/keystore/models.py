"""One row per subject, class and generation: the wrapped key, or the mark that it was destroyed."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy.keystore.enums import KeyState

WHOLE_SUBJECT = (
    "*"  # the class of the row that speaks for all of a subject's keys, those yet to come included
)
UNPROVED = "unproved"  # the class of keys for numbers that nobody has proved to be theirs

_LIVE = Q(state__in=(KeyState.ACTIVE, KeyState.FROZEN, KeyState.RESTRICTED), destroyed_at=None)


class SubjectKey(models.Model):
    """A subject's key for one retention class, wrapped. The row stays: a destroyed key stays destroyed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.UUIDField()
    klass = models.CharField(max_length=32)
    gen = models.PositiveSmallIntegerField()
    wrapped = models.BinaryField(null=True)
    kek_epoch = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=KeyState, default=KeyState.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
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
            )
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return f"{self.klass}/{self.gen} {self.state}"
