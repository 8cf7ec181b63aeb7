"""Refuses to serve the public with a gateway that is only for trying things out."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def no_demo_gateway_in_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Deploy check: the demo gateways open an inbox to everybody."""
    if settings.HTTPS and settings.SMS_GATEWAY in settings.DEMO_GATEWAYS:
        return [
            Error(
                f"LEAP_SMS_GATEWAY={settings.SMS_GATEWAY} sends nothing and opens a demo inbox to everybody.",
                hint="Set a real gateway, or an http address in LEAP_PUBLIC_URL for a demo.",
                id="messaging.E001",
            )
        ]
    return []
