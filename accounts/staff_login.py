"""The door of the staff: a name and a password, tried a few times at most, each coming-in recorded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.guardians import note_login
from kit.client_address import address_blocks, client_address
from kit.limiter import Limit, LimitReached, lift, take
from kit.security_log import note
from kit.waiting import in_words

_WINDOW = 900  # seconds


class StaffLoginForm(AdminAuthenticationForm):
    """As Django's; five tries in a quarter of an hour for a name from one address, thirty for an address.

    A try is counted before the password is looked at, so that parallel ones gain nothing, and given back
    when it was right. Raises LimiterUnavailable when tries cannot be counted: then nobody comes in.
    """

    def clean(self) -> dict[str, Any]:
        here = self._limits()
        try:
            take(here)
        except LimitReached as reached:
            words = _("试错的次数有点多，%s再试。") % in_words(reached.retry_after)
            raise forms.ValidationError(words, code="rate_limited") from reached
        cleaned: dict[str, Any] = super().clean()
        lift(here[:1])
        return cleaned

    def get_invalid_login_error(self) -> forms.ValidationError:
        note("login_failed")
        return super().get_invalid_login_error()

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if isinstance(user, User):
            note_login(user=user, by_code=False)

    def _limits(self) -> list[Limit]:
        if self.request is None:
            raise RuntimeError("tries cannot be counted without a request")
        name = str(self.cleaned_data.get("username", ""))
        address = address_blocks(client_address(self.request))[0]
        return [
            Limit(scope="staff:name and address", key=f"{address} {name}", count=5, seconds=_WINDOW),
            Limit(scope="staff:name", key=name, count=100, seconds=_WINDOW),
            Limit(scope="staff:address", key=address, count=30, seconds=_WINDOW),
        ]
