"""Why bookings are kept, and for how long."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import UserKind
from accounts.models import PhoneBinding
from accounts.personal_data import numbers_of
from enrollment.enums import OVER, BookingState
from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.personal_rows import drop_requests, kept_bookings, unlink_bookings
from privacy.erasure.models import ErasureJob
from privacy.inventory.declarations import Keep, Purpose, Recipient
from privacy.inventory.enums import KeepReason
from privacy.inventory.registry import register_keep, register_purpose, register_reach, register_recipient
from privacy.inventory.remainders import Remainder, register_remainder
from privacy.keystore.blind_index import blind_indexes
from privacy.retention.rules import Rule, register_rule

register_recipient(Recipient("campus", "所选城市的校区", "affiliate"))

register_purpose(
    Purpose("trial", "安排试听课", "履行合同（个人信息保护法第十三条第二项）", ("campus",), place=30)
)
register_keep(
    Keep(
        "trial",
        "试听过的，预约结束之日起三年，期满后 30 日内删除；没有上课的，180 日内删除",
        start="booking closed",
        floor=timedelta(days=3 * 365 + 1),  # three calendar years have one leap day at most
        ceiling=timedelta(days=3 * 365 + 31),
        source="电子商务法第三十一条：自交易完成之日起不少于三年（L-PP-4.1-3c）",
        period=timedelta(days=3 * 365 + 1),
        reason=KeepReason.STATUTE,
    )
)
register_keep(
    Keep(
        "lead",
        "没有上课的：预约结束，或者您留下意向之日起 180 日内",
        start="booking closed without a class attended, or asked for and never fixed",
        floor=timedelta(0),
        ceiling=timedelta(days=180),
        source="个人信息保护法第四十七条：目的已实现；没有上课的意向 180 日（L-PP-4.1-3）",
        period=timedelta(days=179),
        reason=KeepReason.TRANSACTION,
    )
)
register_keep(
    Keep(
        "hold",
        "座位留到验证或到期为止，最多 5 分钟；到期后由系统在几分钟内清空",
        start="seat held",
        floor=timedelta(0),
        ceiling=timedelta(hours=24),
        source="未验证的号码 24 小时内清除（L-PP-4.1-3b）",
        period=timedelta(hours=1),
        reason=KeepReason.TRANSACTION,
    )
)
register_keep(
    Keep(
        "waiting",
        "候补结束之日起 180 日内",
        start="waiting ended",
        floor=timedelta(0),
        ceiling=timedelta(days=180),
        source="个人信息保护法第四十七条：目的已实现；没有上课的意向 180 日（L-PP-4.1-3）",
        period=timedelta(days=179),
        reason=KeepReason.TRANSACTION,
    )
)


def _held_for_the_number(subject: UUID) -> Q:
    """Seats held for the person's number while whoever typed it has not proved it; for minutes."""
    digests = [digest for number in numbers_of(subject) for digest in blind_indexes("booking.phone", number)]
    return Q(state="held", phone_index__in=digests)


register_reach("enrollment.TrialBooking", _held_for_the_number)
register_remainder(
    Remainder(model="enrollment.TrialBooking", since="closed_at", kept=kept_bookings, unlink=unlink_bookings)
)
register_remainder(Remainder(model="enrollment.BookingEvent", follows="enrollment.TrialBooking"))


def empty_shells(before: datetime) -> Q:
    """Accounts of nobody, on which bookings stood that had to be kept: the last of those is gone."""
    going = ErasureJob.objects.all().unfinished().values("subject_id")
    kept = TrialBooking.objects.filter(guardian=OuterRef("pk"))
    numbers = PhoneBinding.objects.filter(user=OuterRef("pk"))
    places = WaitlistEntry.objects.filter(guardian=OuterRef("pk"))
    nobody = Q(kind=UserKind.GUARDIAN, is_active=False) & ~Q(pk__in=going)
    return nobody & Q(~Exists(kept)) & Q(~Exists(places)) & Q(~Exists(numbers))


_NEVER_CAME = sorted(OVER - {BookingState.ATTENDED})
_BOOKING = "enrollment.TrialBooking"
register_rule(
    Rule(
        name="bookings.attended",
        title=_("上过课的预约"),
        keep="trial",
        model=_BOOKING,
        since="closed_at",
        which=lambda before: Q(state=BookingState.ATTENDED),
    )
)
register_rule(
    Rule(
        name="bookings.not_attended",
        title=_("没有上课的预约（取消、改期、没有来、占位过期）"),
        keep="lead",
        model=_BOOKING,
        since="closed_at",
        which=lambda before: Q(state__in=_NEVER_CAME),
    )
)
register_rule(
    Rule(
        name="bookings.not_marked",
        title=_("下课后没有登记来没来的预约"),
        keep="lead",
        model=_BOOKING,
        since="lapsed_at",
        which=lambda before: Q(state=BookingState.BOOKED),
    )
)
register_rule(
    Rule(
        name="bookings.not_fixed",
        title=_("一直没有约定课次的试听意向"),
        keep="lead",
        model=_BOOKING,
        since="created_at",
        which=lambda before: Q(state=BookingState.REQUESTED),
        purge=drop_requests,
    )
)
register_rule(
    Rule(
        name="bookings.shells",
        title=_("只为留着的预约而在的空账号"),
        keep="trial",
        model="accounts.User",
        which=empty_shells,
    )
)
register_rule(
    Rule(
        name="waiting",
        title=_("结束了的候补"),
        keep="waiting",
        model="enrollment.WaitlistEntry",
        since="closed_at",
    )
)
register_rule(
    Rule(
        name="bookings.held",
        title=_("没有验证的占位"),
        keep="hold",
        model=_BOOKING,
        done_by="enrollment.tasks.settle",
    )
)
