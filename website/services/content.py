"""The site's own words and figures as pages read them: one frozen snapshot, at most half a minute old."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from kit.own_address import is_ours
from kit.snapshot import Snapshot
from website.models import Ability, FriendLink, Partner, SiteText

_FRESH_FOR = 30  # seconds; pages made from it are kept for as long again at the most
_TEN_THOUSAND = 10_000  # 万, the unit people count visits in


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading in Chinese with its English line, which may be empty."""

    chinese: str
    english: str


@dataclass(frozen=True, kw_only=True)
class AbilityLine:
    """One of the abilities that classes practise."""

    name: str
    english_name: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of the brand and what it counts: ``近 80`` and ``座城市``."""

    number: str
    counts: str


@dataclass(frozen=True, kw_only=True)
class SiteLink:
    """A link, or only a name where ``address`` is empty. ``outside`` ones are marked and get ``noopener``."""

    name: str
    address: str

    @property
    def outside(self) -> bool:
        """Whether it leads to somebody else's site."""
        return bool(self.address) and not is_ours(self.address)


@dataclass(frozen=True, kw_only=True)
class LearningZone:
    """The banner of the learning zone: what it is, where it leads; its QR code is drawn from the address."""

    title: str
    text: str
    link: SiteLink

    @property
    def code_address(self) -> str:
        """What the code holds: the link, whole even where it stays on this site."""
        address = self.link.address
        return settings.PUBLIC_URL + address if address.startswith("/") else address


@dataclass(frozen=True, kw_only=True)
class SiteContent:
    """Everything editable that pages say about the site itself. Empty tuples and None mean: show nothing."""

    slogan: str
    group_line: str
    about_heading: Heading
    about: tuple[str, ...]  # paragraphs
    values_heading: Heading
    values_line: str
    abilities: tuple[AbilityLine, ...]
    figures: tuple[Figure, ...]
    partners_heading: Heading
    partners: tuple[SiteLink, ...]
    friend_links: tuple[SiteLink, ...]
    learning_zone: LearningZone | None


def _read() -> SiteContent:
    text = SiteText.objects.get()
    return SiteContent(
        slogan=text.slogan,
        group_line=text.group_line,
        about_heading=Heading(chinese=text.about_heading, english=text.about_english),
        about=tuple(line for line in map(str.strip, text.about.splitlines()) if line),
        values_heading=Heading(chinese=text.values_heading, english=text.values_english),
        values_line=text.values_line,
        abilities=tuple(
            AbilityLine(name=each.name, english_name=each.english_name, line=each.line)
            for each in Ability.objects.all()
        ),
        figures=_figures(text),
        partners_heading=Heading(chinese=text.partners_heading, english=text.partners_english),
        partners=tuple(
            SiteLink(name=each.logo_text or each.name, address=each.address)
            for each in Partner.objects.shown()
        ),
        friend_links=tuple(
            SiteLink(name=each.name, address=each.address) for each in FriendLink.objects.shown()
        ),
        learning_zone=_zone(text),
    )


def _figures(text: SiteText) -> tuple[Figure, ...]:
    visits = text.visits_over // _TEN_THOUSAND
    return (
        Figure(number=str(text.founded_in), counts=_("年创办")),
        Figure(number=_("近 %d") % text.almost_cities, counts=_("座城市")),
        Figure(number=_("近 %d") % text.almost_campuses, counts=_("个校区")),
        Figure(number=_("超过 %d 万") % visits, counts=_("人次来上过课")),
    )


def _zone(text: SiteText) -> LearningZone | None:
    if not text.zone_title:
        return None
    link = SiteLink(name=text.zone_link, address=text.zone_address)
    return LearningZone(title=text.zone_title, text=text.zone_text, link=link)


site_content: Snapshot[SiteContent] = Snapshot(_read, seconds=_FRESH_FOR)
"""Today's `SiteContent`: call it. Four queries when it is half a minute old, none otherwise.

Raises the store's error when it was never read and the database does not answer.
"""
