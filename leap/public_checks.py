"""What must hold before the public is served: `check --deploy`, `prepare` and each start ask for it."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured


@register(Tags.security, deploy=True)
def guarded_in_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Deploy check: behind https nothing shows our insides, and somebody says who the visitors are."""
    found: list[CheckMessage] = []
    if settings.HTTPS and settings.DEBUG:
        found.append(
            Error(
                "LEAP_DEBUG=1 shows everybody our errors with everything in them.",
                hint="Set it to 0.",
                id="leap.E001",
            )
        )
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        found.append(
            Error(
                "LEAP_TRUSTED_PROXIES is empty, but https ends at a proxy: all visitors would share its "
                "address and limits, and no browser would be told to stay with https.",
                hint="Set it to the address or network of the reverse proxy.",
                id="leap.E002",
            )
        )
    return found


def refuse_in_public() -> None:
    """Raises ImproperlyConfigured with everything that must not face the public, where https says it does."""
    if not settings.HTTPS:
        return
    found = run_checks(tags=[Tags.security], include_deployment_checks=True)
    wrong = [each for each in found if each.level >= ERROR and not each.is_silenced()]
    if wrong:
        listed = "\n".join(f"  {each.id} {each.msg} {each.hint or ''}".rstrip() for each in wrong)
        raise ImproperlyConfigured(f"LEAP_PUBLIC_URL is https, but this cannot face the public:\n{listed}")
