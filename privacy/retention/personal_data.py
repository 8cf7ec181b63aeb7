"""What stays of legal holds when somebody is erased."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from privacy.inventory.remainders import Remainder, register_remainder
from privacy.retention.models import LegalHold
from privacy.retention.rules import Rule, register_rule


def _unlink_holds(subject: UUID, alias: UUID) -> int:
    """Those that were released: a standing one keeps its person's id."""
    return LegalHold.objects.of(subject).exclude(released_at=None).update(subject_id=alias)


register_remainder(Remainder(model="retention.LegalHold", since="released_at", unlink=_unlink_holds))
register_remainder(Remainder(model="retention.HeldRecord", follows="retention.LegalHold"))

register_rule(
    Rule(
        name="holds.released",
        title=_("解除了的依法保存"),
        keep="request",
        model="retention.LegalHold",
        since="released_at",
    )
)
# The record of deeds lies below retention, and cannot say it itself.
register_rule(
    Rule(
        name="audit.deeds",
        title=_("操作记录"),
        keep="audit",
        model="audit.AuditEvent",
        since="at",
        subject="subject_id",
    )
)
