"""One posting of the trial form: read it, book, and say what was wrong with nothing typed lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.browser import guardian_in, proof_in
from accounts.code_step import CodeStep, again, posted_challenge, refuse
from accounts.door import attempt
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid, NoProof
from accounts.services.codes import Try
from accounts.services.guardians import masked_phone_of
from enrollment.entry import book
from enrollment.enums import BookingChannel
from enrollment.exceptions import AlreadyBooked, IdempotencyConflict, TooManyLive
from enrollment.forms import TrialForm
from enrollment.models import TrialBooking
from enrollment.services.bookings import MOST_LIVE, TrialRequest
from kit.limiter import LimitReached
from kit.phone import mask
from kit.waiting import in_words
from privacy.consent.exceptions import DocumentStale
from privacy.consent.services import current_versions


def known_phone(request: HttpRequest) -> str | None:
    """The masked number that needs no code here: signed in, or proved in this browser just before."""
    guardian = guardian_in(request)
    if guardian is not None:
        return masked_phone_of(guardian.pk) or None
    row = proof_in(request)
    return mask(row.phone) if row else None


@dataclass
class TrialPost:
    """What was posted, and what became of it."""

    request: HttpRequest
    form: TrialForm = field(init=False)
    step: CodeStep | None = None
    earlier: TrialBooking | None = None
    too_many_live: bool = False

    def __post_init__(self) -> None:
        posted = self.request.POST
        types_number = bool(posted.get("phone") or posted.get("code") or posted_challenge(self.request))
        known = not types_number and known_phone(self.request) is not None
        self.form = TrialForm(posted, known=known)

    def book(self) -> TrialBooking | None:
        """The booking, or None with the reason on the form and in ``step``."""
        if not self.form.is_valid():
            return None
        try:
            return book(self.request, self._wish(), self._try())
        except CodeInvalid as error:
            self.step = refuse(self.request, self.form, error)
        except LimitReached as reached:
            self.step = again(self.request, status=429, retry_after=reached.retry_after)
            self.form.add_error(None, _("试的次数有点多，%s再试。") % in_words(reached.retry_after))
        except NoProof:
            self.form.add_error(None, _("离验证手机号已经过了十分钟，请再获取一次验证码。"))
        except AlreadyBooked as already:
            self._lead_to(already)
        except IdempotencyConflict:
            self._conflict(_("这条验证码已经约过一次了。想再约别的城市，请重新打开这一页。"))
        except DocumentStale:
            self._show_new_documents()
        return None

    def _wish(self) -> TrialRequest:
        return TrialRequest(
            city=self.form.cleaned_data["city"],
            agreements=self.form.agreements(current_versions()),
            channel=BookingChannel.WEB,
            key=posted_challenge(self.request) or None,
        )

    def _try(self) -> Try | None:
        if "code" not in self.form.fields:
            return None
        return attempt(
            self.request,
            challenge=posted_challenge(self.request),
            code=self.form.cleaned_data["code"],
            purpose=CodePurpose.BOOKING,
            phone=self.form.cleaned_data["phone"],
        )

    def _lead_to(self, already: AlreadyBooked) -> None:
        if isinstance(already, TooManyLive):
            words = _("等来电的预约已经有 %d 个，是目前能同时约的最多数。取消一个，就能再约。")
            self._conflict(words % MOST_LIVE)
            self.too_many_live = True
            return
        words = _("%s的预约已经有了，正在等校区来电，不用再约一次。")
        self._conflict(words % already.booking.city.name)
        self.earlier = already.booking

    def _conflict(self, message: str) -> None:
        self.step = again(self.request, status=409)
        self.form.add_error(None, message)

    def _show_new_documents(self) -> None:
        posted = self.request.POST.copy()
        for name in ("agree_terms", "agree_privacy", "terms_version", "privacy_version"):
            posted.pop(name, None)
        self.form = TrialForm(posted, known="phone" not in self.form.fields)
        self.form.full_clean()
        self._conflict(_("协议刚刚更新，请看过新版本再勾选。您填的其他内容都在。"))
