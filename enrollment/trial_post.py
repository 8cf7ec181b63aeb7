"""One posting of the trial form: read it, do what was pressed, and lose nothing that was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from accounts.browser import guardian_in, proof_in
from accounts.code_step import CodeStep, again, ask, posted_challenge, refuse
from accounts.door import attempt
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid
from accounts.services.children import id_of
from accounts.services.codes import SentCode, Try, send_code
from enrollment.child_fields import CHILD_FIELDS
from enrollment.entry import book
from enrollment.enums import BookingChannel
from enrollment.forms import TrialForm
from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.services.asking import send_code_and_hold
from enrollment.services.wishes import ChildWish, TrialRequest
from enrollment.sibling_fields import SIBLING_FIELDS
from enrollment.trial_refusals import REFUSED, Refusal, before_the_code, refusal_of
from enrollment.visitor import Visitor, visitor_in
from enrollment.waiting_post import CLASS, JOIN, Door, waits
from privacy.consent.enums import Document
from privacy.consent.services import current_notices
from privacy.minors.exceptions import ChildUnknown

_ONCE = re.compile(r"[A-Za-z0-9_-]{22}")
_SERVER_ERROR = 500


def form_for(
    visitor: Visitor, data: QueryDict | None = None, initial: dict[str, str] | None = None
) -> TrialForm:
    """The form as this visitor needs it: without what need not be asked again."""
    return TrialForm(
        data,
        initial=initial,
        known=bool(visitor.phone),
        agreed=visitor.agreed,
        children=(lambda: visitor.children) if visitor.guardian else None,
    )


def versions_in_force() -> dict[str, str]:
    """The version in force of each document that the form can agree to."""
    return {notice.document: notice.version for notice in current_notices()}


@dataclass
class TrialPost:
    """What was posted, and what became of it."""

    request: HttpRequest
    data: QueryDict = field(init=False)
    visitor: Visitor = field(init=False)
    form: TrialForm = field(init=False)
    step: CodeStep = field(init=False)
    came_as: UUID | None = field(init=False)
    """The guardian signed in before."""
    refusal: Refusal | None = None
    focus: str = ""
    """Where the page shown again goes on, if not at its top."""
    unkept: bool = False
    """The code was sent, but no seat could be kept meanwhile."""

    def __post_init__(self) -> None:
        self.data = self.request.POST.copy()
        types_number = bool(self.data.get("phone") or self.data.get("code") or posted_challenge(self.request))
        asks_code = self.data.get("action") == "send_code"
        self.visitor = Visitor() if types_number or asks_code else visitor_in(self.request)
        # Ticked is ticked: pressed twice, the second press comes from somebody agreed by now.
        self.visitor = replace(self.visitor, asks_again=bool(self.data.get("agree_terms")))
        self.form = form_for(self.visitor, self.data)
        self.step = again(self.request)
        guardian = guardian_in(self.request)
        self.came_as = guardian.pk if guardian else None

    def act(self) -> TrialBooking | WaitlistEntry | None:
        """Do what the button pressed stands for; the booking, or the place in line, where it made one."""
        match self.data.get("action"):
            case "send_code":
                self._send_code()
            case "show_classes":
                self._show_again(pick="1", session="")
            case "change_city":
                self._show_again(pick="", session="", campus="")
            case "agree_children":
                self.focus = "nickname"
                self._show_again(agree_children="on", refuses_children="")
            case "refuse_children":
                return self._refuse_children()
            case "add_sibling":
                self.focus = "sibling"
                self._show_again(**self.form.with_one_more())
            case "drop_sibling1" | "drop_sibling2" as drop:
                self._show_again(**self.form.without(drop.removeprefix("drop_")))
            case _:
                return self._finish()
        return None

    def _finish(self) -> TrialBooking | WaitlistEntry | None:
        if self.data.get("action") != JOIN:
            return self.book()
        self._answer(pick="", session=self.data.get(CLASS, ""))
        return self.book(waits(self.data))

    def _send_code(self) -> None:
        """Keep the seats of a class that is chosen, and send the code; full, it is not sent."""
        try:
            self.step = ask(self.request, self.form, CodePurpose.BOOKING, send=self._hold_and_send)
        except REFUSED as error:
            self._say(before_the_code(error) if self.step.sent is None else refusal_of(error))

    def _hold_and_send(self, *, phone: str, purpose: CodePurpose, browser: str, address: str) -> SentCode:
        cleaned = self.form.cleaned_data
        if cleaned.get("session") is None:
            return send_code(phone=phone, purpose=purpose, browser=browser, address=address)
        sent, held = send_code_and_hold(
            phone=phone,
            sessions=[cleaned["session"]] * self.form.seats,
            channel=BookingChannel.WEB,
            browser=browser,
            address=address,
            source=cleaned["channel"],
        )
        self.unkept = not held
        return sent

    def book(self, do: Door = book) -> TrialBooking | WaitlistEntry | None:
        """The booking, or what else it is that the button does; None with the reason on the form."""
        if not self.form.is_valid():
            return None
        try:
            return do(self.request, self._wish(), self._try())
        except CodeInvalid as error:
            self.step = refuse(self.request, self.form, error)
        except REFUSED as error:
            self._say(refusal_of(error))
        return None

    def _refuse_children(self) -> TrialBooking | WaitlistEntry | None:
        """What was typed of the child is gone; the rest is booked if it is complete, else shown again."""
        self.focus = "child"
        self.data.pop("siblings", None)
        self._answer(refuses_children="1", more="", **dict.fromkeys((*CHILD_FIELDS, *SIBLING_FIELDS), ""))
        if self.form.is_valid():
            self.focus = ""
            return self.book()
        self._hush()
        return None

    def _show_again(self, **answers: str) -> None:
        self._answer(**answers)
        self.form.full_clean()
        self._hush()

    def _answer(self, **answers: str) -> None:
        """Put the answers in place of those posted."""
        for name, value in answers.items():
            self.data[name] = value
        self.form = form_for(self.visitor, self.data)

    def _hush(self) -> None:
        """Whoever has not pressed the last button has made no mistake yet."""
        self.form.errors.clear()
        self.step = again(self.request, status=200)

    def _say(self, refusal: Refusal) -> None:
        """Put the refusal beside what it is about, and empty the ticks that have to be given anew."""
        if refusal.to_tick_again:
            self.visitor = replace(self.visitor, asks_again=Document.TERMS in refusal.to_tick_again)
            self._show_again(
                **{f"agree_{name}": "" for name in refusal.to_tick_again},
                **{f"{name}_version": "" for name in refusal.to_tick_again},
            )
        step = again(self.request, status=refusal.status, retry_after=refusal.retry_after)
        self.step = self._without_number(step)
        beside = self.form.beside(refusal.field, refusal.place)
        name = self.form.name_of(refusal.place)
        words = _("%(name)s：%(words)s") % {"name": name, "words": refusal.words} if name else refusal.words
        self.form.add_error(beside if beside in self.form.fields else None, words)
        self.refusal = refusal

    def _without_number(self, step: CodeStep) -> CodeStep:
        """Ask no more for a number that was proved a moment ago.

        A session is not kept with an answer of 500 or more: then the code is posted once more.
        """
        if step.status >= _SERVER_ERROR or self.form.known or not self._proved_now():
            return step
        self.visitor = replace(visitor_in(self.request), asks_again=self.visitor.asks_again)
        self._show_again()
        return replace(step, sent=None)

    @property
    def typed_number(self) -> dict[str, str]:
        """Number and code as posted, to be carried along unseen once they are asked for no more."""
        names = ("phone", "code") if self.form.known else ()
        return {name: str(self.data[name]) for name in names if self.data.get(name)}

    def _proved_now(self) -> bool:
        """Whether the number typed is the one that this browser goes by from here on."""
        guardian, row = guardian_in(self.request), proof_in(self.request)
        if guardian is not None:
            return guardian.pk != self.came_as  # signed in by this very number
        return row is not None and row.phone == self.form.cleaned_data.get("phone")

    def _wish(self) -> TrialRequest:
        cleaned = self.form.cleaned_data
        children = self._children()
        return TrialRequest(
            city=cleaned["city"],
            campus=cleaned["campus"],
            session=cleaned["session"],
            child=children[0] if children else None,
            siblings=tuple(children[1:]),
            refuses_children=not children and cleaned["refuses_children"],
            agreements=self.form.given(versions_in_force()),
            channel=BookingChannel.WEB,
            source=cleaned["channel"],
            key=posted_challenge(self.request) or self.once or None,
        )

    def _children(self) -> list[ChildWish]:
        """All who are named, in the order of their places."""
        cleaned, wishes = self.form.cleaned_data, []
        for place, child in enumerate(self.form.children_wished(), 1):
            if child.on_file:
                wishes.append(ChildWish(id=self._child_on_file(child.on_file, place)))
            elif nickname := cleaned[f"{child.block}_nickname"]:
                born = cleaned[f"{child.block}_birth_month"]
                wishes.append(ChildWish(nickname=nickname, birth_month=born))
        return wishes

    def _child_on_file(self, public_id: str, place: int) -> UUID:
        guardian = self.visitor.guardian
        try:
            if guardian is None:
                raise ChildUnknown
            return id_of(guardian=guardian, public_id=public_id)
        except ChildUnknown as unknown:
            unknown.place = place
            raise

    def _try(self) -> Try | None:
        if self.form.known:
            return None
        return attempt(
            self.request,
            challenge=posted_challenge(self.request),
            code=self.form.cleaned_data["code"],
            purpose=CodePurpose.BOOKING,
            phone=self.form.cleaned_data["phone"],
        )

    @property
    def once(self) -> str:
        """The name this page goes by where no code names it: posted twice, it books once."""
        posted = self.data.get("once", "")
        return posted if _ONCE.fullmatch(posted) else ""
