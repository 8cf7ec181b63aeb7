"""Refuses to serve the public with a gateway that is only for trying things out."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def no_demo_gateway_in_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Deploy check: the demo gateways send nothing, and everybody could read everybody's codes."""
    if not settings.HTTPS:
        return []
    found: list[CheckMessage] = []
    if settings.SMS_GATEWAY in settings.DEMO_GATEWAYS:
        found.append(
            Error(
                f"No SMS gateway that sends is configured: with LEAP_SMS_GATEWAY={settings.SMS_GATEWAY} no "
                "code reaches a phone, and the demo inbox would show each to everybody.",
                hint=(
                    "This version has no gateway that sends, so it cannot serve the public by https. "
                    "To try it out, give LEAP_PUBLIC_URL an http address that nobody else can reach."
                ),
                id="messaging.E001",
            )
        )
    if settings.LIMIT_FACTOR != 1:
        found.append(
            Error(
                "LEAP_DEMO_LIMITS=relaxed takes the limits off codes and logins.",
                hint="Set it to strict.",
                id="messaging.E002",
            )
        )
    return found
