"""Why a posting of the trial form did not book: in words, beside what they are about, with a way on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.exceptions import NoProof
from enrollment.class_words import class_card, nth_child, why_not
from enrollment.exceptions import (
    AgeUnsuitable,
    AlreadyBooked,
    AlreadyWaiting,
    BookedByOther,
    Busy,
    IdempotencyConflict,
    SeatFree,
    SessionChanged,
    SessionElsewhere,
    SessionGone,
    TooManyLive,
    TooManyOfCourse,
    TooManyThisYear,
    TooManyWaiting,
)
from enrollment.models import TrialBooking
from enrollment.offers import Offer, fitting, instead_of
from enrollment.services.seats import BUSY_RETRY_AFTER
from kit.limiter import LimitReached
from kit.months import in_years, span_in_years
from kit.waiting import in_words
from privacy.consent.enums import Document
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from privacy.rights.exceptions import UseBarred


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What is said, beside which field ("" for the form as a whole), and with which status."""

    words: str
    status: int = 409
    field: str = ""
    retry_after: int | None = None
    """Seconds."""
    place: int = 0
    """Of several children, which one it is about, from 1."""
    offer: Offer | None = None
    """What can be had instead."""
    earlier: TrialBooking | None = None
    too_many_live: bool = False
    barred: bool = False
    """Whether the use of what is kept has stopped; the way on is among one's own information."""
    to_tick_again: tuple[str, ...] = ()
    """Documents that have to be seen and agreed to anew."""


@singledispatch
def refusal_of(error: Exception) -> Refusal:
    """What an exception of booking comes down to; raised on when it is none of `REFUSED`."""
    raise error


def before_the_code(error: Exception) -> Refusal:
    """The same where the code has not been sent: the way on leads there."""
    return _gone(error, code_sent=False) if isinstance(error, SessionGone) else refusal_of(error)


@refusal_of.register
def _gone(error: SessionGone, *, code_sent: bool = True) -> Refusal:
    now = timezone.now()
    others = len(error.alternatives)
    if code_sent:
        way_on = ngettext(
            "下面 %d 节还有空位，您填的都在：选好再按一次“提交预约”，不用再收短信。",
            "下面 %d 节还有空位，您填的都在：选一节再按一次“提交预约”，不用再收短信。",
            others,
        )
    else:
        way_on = ngettext(
            "短信还没有发。下面 %d 节还有空位，您填的都在：选好再按“获取验证码”。",
            "短信还没有发。下面 %d 节还有空位，您填的都在：选一节再按“获取验证码”。",
            others,
        )
    why = why_not(error.session, now, error.seats)
    if isinstance(error, SessionChanged):
        why = _("这节课的时间或地点刚刚改了。")
    words = why + (way_on % others if others else _("您填的都在。"))
    offer = instead_of(error.session, words, error.alternatives, now)
    return Refusal(words=words, field="session", offer=offer)


@refusal_of.register
def _elsewhere(error: SessionElsewhere) -> Refusal:
    return Refusal(words=_("这节课和选的城市或校区对不上，请再看一眼"), status=422, field="session")


@refusal_of.register
def _unsuitable(error: AgeUnsuitable) -> Refusal:
    course = error.session.course
    offer = fitting(error.session, error.ages or [error.months or 0], timezone.now())
    words = _("上课那天%(child)s %(age)s，这节课适合 %(ages)s。%(way_on)s") % {
        "child": nth_child(error.place) or _("孩子"),
        "age": in_years(error.months or 0),
        "ages": span_in_years(course.age_min_months, course.age_max_months),
        "way_on": _way_to_a_fitting_class(len(offer.cards) > 1, together=bool(error.place)),
    }
    return Refusal(words=words, status=422, field="child_birth_month", place=error.place, offer=offer)


def _way_to_a_fitting_class(there_is_one: bool, *, together: bool) -> str:
    if together and there_is_one:
        return _("上面有几个孩子都适合的课，换一节就行；也可以分开约")
    if together:
        return _("没有一节课他们都适合，请分开约")
    if there_is_one:
        return _("上面有适合的课，换一节就行；也可以不填孩子的信息，先请校区帮着看看")
    return _("可以不填孩子的信息，先请校区帮着看看")


@refusal_of.register
def _unknown_child(error: ChildUnknown) -> Refusal:
    words = _("这个孩子的信息已经不在了，请重新选")
    return Refusal(words=words, status=422, field="child", place=error.place)


@refusal_of.register
def _invalid_child(error: ChildInvalid) -> Refusal:
    return Refusal(words=str(error.hint), status=422, field=f"child_{error.field}", place=error.place)


@refusal_of.register
def _busy(error: Busy) -> Refusal:
    words = _("这会儿约这节课的人多，没有排上。您填的都在，过几秒再按一次就行。")
    return Refusal(words=words, status=503, retry_after=BUSY_RETRY_AFTER)


@refusal_of.register
def _too_often(error: LimitReached) -> Refusal:
    words = _("试的次数有点多，%s再试。") % in_words(error.retry_after)
    return Refusal(words=words, status=429, retry_after=error.retry_after)


@refusal_of.register
def _unproved(error: NoProof) -> Refusal:
    return Refusal(words=_("离验证手机号已经过了十分钟，请再获取一次验证码。"), status=422)


@refusal_of.register
def _already(error: AlreadyBooked) -> Refusal:
    booking = error.booking
    if booking.session is None:
        words = _("%s的预约已经有了，正在等校区来电，不用再约一次。") % booking.city.name
    elif error.place:
        words = _("%(child)s的%(course)s已经约过一节，还没上。去掉这个孩子，就能给其他孩子约。") % {
            "child": nth_child(error.place),
            "course": booking.session.course.name,
        }
    else:
        words = _("%s已经约过一节，还没上，不用再约一次。") % booking.session.course.name
    return Refusal(words=words, earlier=booking)


@refusal_of.register
def _by_other(error: BookedByOther) -> Refusal:
    words = _("%(child)s的%(course)s已经约过了（由另一位监护人约的），不用再约一次。")
    child = nth_child(error.place) or _("孩子")
    return Refusal(words=words % {"child": child, "course": error.session.course.name})


@refusal_of.register
def _enough_this_year(error: TooManyThisYear) -> Refusal:
    words = _("一个号码一年里最多约 %(most)d 节免费试听，已经到数了。还想来，请打校区电话 %(phone)s 商量。")
    return Refusal(words=words % {"most": error.most, "phone": error.campus.phone})


@refusal_of.register
def _too_many(error: TooManyLive) -> Refusal:
    words = _("还没上的预约已经有 %d 个，是目前能同时约的最多数。取消一个，就能再约。")
    return Refusal(words=words % error.most, too_many_live=True)


@refusal_of.register
def _too_many_alike(error: TooManyOfCourse) -> Refusal:
    words = _("%(course)s已经约了 %(most)d 节，一个号码最多同时约这么多。上完或取消一节，就能再约。")
    return Refusal(words=words % {"course": error.booking.course, "most": error.most}, too_many_live=True)


@refusal_of.register
def _free(error: SeatFree) -> Refusal:
    now = timezone.now()
    words = _("刚好空出一个座位，不用候补了：按“提交预约”就约好。您填的都在，不用再收短信。")
    card = class_card(error.session, now)
    offer = Offer(city=error.session.campus.city, campus=error.session.campus, card=card)
    return Refusal(words=words, status=422, field="session", offer=offer)


@refusal_of.register
def _waits(error: AlreadyWaiting) -> Refusal:
    return Refusal(words=_("这节课已经在候补了，轮到的时候会发短信，不用再加一次。"))


@refusal_of.register
def _waits_enough(error: TooManyWaiting) -> Refusal:
    words = _("正在候补的已经有 %d 个。在“我的预约”里退出一个，就能再候补。") % error.most
    return Refusal(words=words, too_many_live=True)


@refusal_of.register
def _barred(error: UseBarred) -> Refusal:
    return Refusal(words=error.words, status=403, barred=True)


@refusal_of.register
def _conflict(error: IdempotencyConflict) -> Refusal:
    return Refusal(words=_("这一页已经约过一次了。想再约一节，请重新打开这一页。"))


@refusal_of.register
def _stale(error: DocumentStale) -> Refusal:
    words = _("协议刚刚更新，请看过新版本再勾选。您填的其他内容都在。")
    return Refusal(words=words, to_tick_again=tuple(Document.values))


@refusal_of.register
def _to_be_agreed(error: AgreementsRequired) -> Refusal:
    if Document.CHILDREN in error.missing:
        words = _("请先看过并勾选《儿童个人信息规则》")
        return Refusal(words=words, status=422, field="agree_children", to_tick_again=(Document.CHILDREN,))
    return _stale(DocumentStale(error.missing[0]))


REFUSED = tuple(kind for kind in refusal_of.registry if kind is not object)
"""The exceptions that are refusals."""
