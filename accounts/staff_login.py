"""The door of the staff: a name and a password, tried a few times at most, each coming-in recorded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm

from accounts.code_step import too_many
from accounts.models import User
from accounts.services.guardians import note_login
from kit.client_address import address_blocks, client_address
from kit.limiter import Limit, LimitReached, check, take

_WINDOW = 900  # seconds


class StaffLoginForm(AdminAuthenticationForm):
    """As Django's; five wrong passwords in a quarter of an hour shut a name, twenty an address.

    Raises LimiterUnavailable when tries cannot be counted: then nobody comes in.
    """

    def clean(self) -> dict[str, Any]:
        limits = self._limits()
        try:
            check(limits)
        except LimitReached as reached:
            raise forms.ValidationError(too_many(reached.retry_after), code="rate_limited") from reached
        try:
            cleaned: dict[str, Any] = super().clean()
        except forms.ValidationError:
            take(limits)
            raise
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if isinstance(user, User):
            note_login(user=user, by_code=False)

    def _limits(self) -> list[Limit]:
        if self.request is None:
            raise RuntimeError("tries cannot be counted without a request")
        name = str(self.cleaned_data.get("username", ""))
        address = client_address(self.request)
        return [
            Limit(scope="staff:name", key=name, count=5, seconds=_WINDOW),
            Limit(scope="staff:address", key=address_blocks(address)[0], count=20, seconds=_WINDOW),
        ]
