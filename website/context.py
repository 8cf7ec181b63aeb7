"""What every page knows: the brand and who runs it. Reads no store and no session."""

from dataclasses import dataclass

from django.http import HttpRequest

from privacy.consent.operator import OPERATOR


@dataclass(frozen=True, kw_only=True)
class Site:
    """The brand and its operator as pages show them."""

    name: str
    slogan: str
    operator: str
    filing: str


SITE = Site(
    name=OPERATOR.brand,
    slogan="一步一步，自在长大",
    operator=OPERATOR.name,
    filing="备案号：待填（演示）",
)


def site(request: HttpRequest) -> dict[str, Site]:
    """Puts `SITE` into every template as ``site``."""
    return {"site": SITE}
