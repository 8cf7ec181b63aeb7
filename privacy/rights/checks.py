"""What should be said before a release goes out."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as Doubt
from django.utils import timezone

from kit.workdays import missing_year


@register(deploy=True)
def calendar_goes_on(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Deploy check: from December on the next year's holidays are known (LAW-86)."""
    year = missing_year(timezone.localdate())
    if year is None:
        return []
    return [
        Doubt(
            f"The holidays of {year} are missing: deadlines that reach into it end too early.",
            hint="Raise chinesecalendar to a release that knows them, and write both locks anew.",
            id="rights.W001",
        )
    ]
