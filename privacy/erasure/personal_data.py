"""What remains of erasures themselves, once nothing else does."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, UUIDField, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from privacy.consent.enums import ConsentState
from privacy.consent.models import ConsentRecord
from privacy.erasure.enums import ERASED, JobState
from privacy.erasure.models import ErasureJob, ErasureSubject
from privacy.erasure.personal_rows import unlink_erasures
from privacy.inventory.periods import period_of
from privacy.inventory.registry import register_reach
from privacy.inventory.remainders import Remainder, register_remainder
from privacy.retention.rules import Rule, register_rule


def told_of_it(subject: UUID) -> Q:
    """The message that an erasure of theirs has begun, which went to the number it keeps meanwhile."""
    begun = ErasureJob.objects.all().of(subject).values("pk")
    return Q(recipient_kind=ERASED, recipient_id__in=begun)


register_reach("messaging.Message", told_of_it)
register_remainder(Remainder(model="erasure.ErasureJob", since="finished_at", unlink=unlink_erasures))
for _model in ("ErasureSubject", "ErasureStep", "ErasureRest", "RecipientNotice", "ErasureCertificate"):
    register_remainder(Remainder(model=f"erasure.{_model}", follows="erasure.ErasureJob"))
register_remainder(Remainder(model="erasure.Suppression", since="at"))

_NOBODY = Value(UUID(int=0), UUIDField())


def over_decisions(before: datetime) -> Q:
    """As privacy_purge has it: another followed in time, it was a no that stands, or its person is gone.

    A yes that stands is kept for as long as it does, and three years from when it is withdrawn or the account
    closed.
    """
    later = ConsentRecord.objects.annotate(about=Coalesce("concerning_id", _NOBODY)).filter(
        subject_id=OuterRef("subject_id"),
        purpose=OuterRef("purpose"),
        about=Coalesce(OuterRef("concerning_id"), _NOBODY),
        at__gt=OuterRef("at"),
    )
    gone = ErasureSubject.objects.filter(alias=OuterRef("subject_id"), job__begun_at__lte=before)
    a_no_that_stands = Q(~Exists(later), ~Q(state=ConsentState.GIVEN))
    return Q(Exists(later.filter(at__lte=before))) | a_no_that_stands | Q(Exists(gone))


register_rule(
    Rule(
        name="consent.decisions",
        title=_("撤回了、被新的取代了，或者账号已经注销的同意记录"),
        keep="consent_proof",
        model="consent.ConsentRecord",
        since="at",
        which=over_decisions,
        subject="subject_id",
    )
)


def certified_long_ago(before: datetime) -> Q:
    """Nothing remains of it any more; by the day its certificate has served, so has the last remainder."""
    return Q(state=JobState.DONE)


def without_remainder(before: datetime) -> Q:
    """The last thing that stood under the alias is gone by now."""
    return Q(until=None) | Q(until__lte=before + period_of("request"))


register_rule(
    Rule(
        name="erasure.done",
        title=_("做完的删除和它的凭证"),
        keep="request",
        model="erasure.ErasureJob",
        since="finished_at",
        which=certified_long_ago,
        subject="subject_id",
    )
)
register_rule(
    Rule(
        name="erasure.numbers",
        title=_("已删除的号码的摘要"),
        keep="request",
        model="erasure.Suppression",
        since="at",
        which=without_remainder,
        subject="alias",
    )
)
