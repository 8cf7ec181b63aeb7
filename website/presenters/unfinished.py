"""What a family has not finished with us, each with the one tap that leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.presenters import summary
from enrollment.waiting_page import waiting_of
from privacy.rights.models import DataSubjectRequest
from website.presenters.own_requests import title_of, what_next
from website.services.own_requests import open_requests, package_under_way


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """One thing: what it is, what more there is to say, where it is dealt with."""

    title: str
    more: str
    url: str


def unfinished(holder: User, at: datetime) -> list[Unfinished]:
    """Trials to come, places in line, a copy to fetch, requests: what is soonest lost first."""
    ahead = TrialBooking.objects.of(holder.pk).ahead(at).without_offers().soonest_first()
    lines = waiting_of(list(WaitlistEntry.objects.of(holder.pk).open().newest_first()), at)
    found = [_trial(booking) for booking in ahead]
    found += [
        Unfinished(
            title=_("%s，%s，去退出候补或确认") % (line.classes[0].course, line.state_text),
            more=f"{line.classes[0].when}，{line.classes[0].campus}",
            url=line.url,
        )
        for line in lines
    ]
    if package := package_under_way(holder=holder):
        url = reverse("website:privacy-package", args=[package.request.public_id])
        found.append(Unfinished(title=_("您要的信息副本，去下载"), more=_("注销以后打不开了"), url=url))
    copy = package.request_id if package else None
    return found + [_request(one) for one in open_requests(holder=holder) if one.pk != copy]


def _trial(booking: TrialBooking) -> Unfinished:
    shown = summary(booking)
    return Unfinished(
        title=_("%s，去取消") % shown["what"],
        more="，".join(filter(None, [shown["when"], shown["where"]])),
        url=reverse("enrollment:cancel", args=[booking.public_id]),
    )


def _request(request: DataSubjectRequest) -> Unfinished:
    return Unfinished(
        title=_("%s，编号 %s") % (title_of(request), request.reference),
        more=what_next(request),
        url=reverse("website:own-request", args=[request.public_id]),
    )
