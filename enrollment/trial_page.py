"""What the trial page shows: the form, what can be booked, and one line that says it all once more."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.code_step import CodeStep
from enrollment.forms import TrialForm, is_name, source_of
from enrollment.keeping import kept_here
from enrollment.offers import Offer, offer_for
from enrollment.presenters import summary
from enrollment.trial_post import TrialPost, form_for, versions_in_force
from enrollment.visitor import Visitor
from enrollment.waiting_post import CLASS, wait_option

_LONGEST = 60  # characters of a name in an address


def opened_form(visitor: Visitor, asked: Mapping[str, str], phone: str) -> TrialForm:
    """The form of a page just opened, with what its address pre-selects; never a tick, never a child."""
    names = {name: asked.get(name, "")[:_LONGEST] for name in ("city", "campus", "session")}
    versions = {f"{document}_version": version for document, version in versions_in_force().items()}
    channel = source_of(asked.get("channel", ""))
    return form_for(visitor, initial={"phone": phone, "channel": channel, **names, **versions})


def address_of(asked: Mapping[str, str], *, list_of: bool = False) -> str:
    """The page's own address with what was asked for, so that a page thrown away comes back the same.

    ``list_of``: as a list to choose from, whatever of it has been chosen.
    """
    named = {name: asked.get(name, "") for name in ("city", "campus", "session")}
    kept = {name: value for name, value in named.items() if is_name(value)}
    if list_of and {"city", "campus"} & set(kept):
        kept["pick"] = "1"
    if channel := source_of(asked.get("channel", "")):
        kept["channel"] = channel
    return reverse("enrollment:trial") + (f"?{urlencode(kept)}" if kept else "")


def context_of(
    request: HttpRequest,
    form: TrialForm,
    step: CodeStep,
    visitor: Visitor,
    asked: Mapping[str, str],
    post: TrialPost | None = None,
) -> dict[str, Any]:
    """Everything the template lays out; ``asked`` names class, campus and city: an address or a form."""
    refusal = post.refusal if post else None
    kept = kept_here(request, known=form.known, number="" if form.known else form["phone"].value())
    offer = (refusal and refusal.offer) or offer_for(
        _shown(asked), timezone.now(), by_city=post is None, kept=kept.keep
    )
    if offer.picks:
        form.offer(offer.cards, or_call=_("先不选，请校区打电话来约"))
    return {
        "form": form,
        "address": address_of(asked, list_of=offer.picks),
        "offer": offer,
        "waiting": wait_option(asked, timezone.now()) if offer.picks else None,
        "challenge": step.challenge,
        "sent": step.sent,
        "kept": kept,
        "unkept": bool(post and post.unkept),
        "status_message": step.status_message,
        "wait": step.retry_after,
        "proved": visitor.phone if form.known else "",
        "typed_number": post.typed_number if post else {},
        "once": (post.once if post else "") or secrets.token_urlsafe(16),
        "channel": source_of(str(form["channel"].value() or "")),
        "again": _once_more(form, offer, visitor),
        "earlier": summary(refusal.earlier) if refusal and refusal.earlier else None,
        "too_many_live": bool(refusal and refusal.too_many_live),
        "barred": bool(refusal and refusal.barred),
        "focus": post.focus if post else "",
        "refuses_children": form["refuses_children"].value(),
    }


def _shown(asked: Mapping[str, str]) -> dict[str, str]:
    """``asked``; until one of the classes shown in place of a full one is chosen, that one: the same list."""
    shown = {name: asked.get(name, "") for name in ("city", "campus", "session", "pick")}
    if shown["pick"] and not shown["session"]:
        shown["session"] = asked.get(CLASS, "")
    return shown


def _once_more(form: TrialForm, offer: Offer, visitor: Visitor) -> dict[str, str]:
    """What is about to be booked, and for which number, as far as they are known."""
    name = form["session"].value()
    chosen = offer.card or next((card for card in offer.cards if card.public_id == name), None)
    place = offer.city if offer.lost or not offer.campus else offer.campus
    call = _("%s，校区打电话来约时间") % place.name if place else _("校区打电话来约时间")
    undecided = _("还没选时间") if offer.picks and (offer.lost or name is None) else call
    number = visitor.phone if form.known else str(form["phone"].value() or "")
    return {"what": str(chosen) if chosen else undecided, "call": call, "number": number}
