"""Who gets in: those who work with requests, and auditors, who read without acting."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import User
from privacy.rights.exceptions import RequestUnknown
from privacy.rights.models import DataSubjectRequest
from website.services.request_desk import Officer, officer, request_named

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Officer, P], HttpResponse]


def for_officers(view: Page[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for whoever may see requests. Other staff may not; anybody else comes by the door."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not (isinstance(user, User) and user.is_active and user.is_staff):
            return redirect_to_login(reverse("requests:inbox"), reverse("admin:login"))
        who = officer(user)
        if who is None:
            raise PermissionDenied
        return view(request, who, *args, **kwargs)

    return never_cache(guarded)


def for_those_who_work(view: Page[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page of words and deeds: auditors may not see it."""

    @wraps(view)
    def guarded(request: HttpRequest, who: Officer, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not who.works:
            raise PermissionDenied
        return view(request, who, *args, **kwargs)

    return for_officers(guarded)


def looked_up(who: Officer, public_id: str) -> DataSubjectRequest:
    """The request of that name, if it is theirs to see; Http404 otherwise, there or not."""
    try:
        return request_named(who, public_id)
    except RequestUnknown as unknown:
        raise Http404 from unknown
