"""Who gets in: those who see the board, and of them those who hold, try or read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import User
from website.services.retention_desk import Keeper, keeper

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Keeper, P], HttpResponse]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_keepers(view: Page[P]) -> Guarded[P]:
    """A page for whoever sees the board. Other staff may not; anybody else comes by the door."""
    return _guard(view, lambda who: True)


def for_holders(view: Page[P]) -> Guarded[P]:
    """A page for whoever places and releases holds."""
    return _guard(view, lambda who: who.holds)


def for_readers(view: Page[P]) -> Guarded[P]:
    """A page for whoever may read what an erasure left, for a purpose that the law names."""
    return _guard(view, lambda who: who.reads)


def for_those_who_try(view: Page[P]) -> Guarded[P]:
    """A page for whoever may let a purge be counted."""
    return _guard(view, lambda who: who.tries)


def for_those_who_tell(view: Page[P]) -> Guarded[P]:
    """A page for whoever works with requests, and so tells recipients."""
    return _guard(view, lambda who: who.works)


def _guard(view: Page[P], may: Callable[[Keeper], bool]) -> Guarded[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not (isinstance(user, User) and user.is_active and user.is_staff):
            return redirect_to_login(reverse("retention:board"), reverse("admin:login"))
        who = keeper(user)
        if who is None or not may(who):
            raise PermissionDenied
        return view(request, who, *args, **kwargs)

    return never_cache(guarded)
