"""The editions of the documents that this version of the software publishes, and how their text is made.

Texts lie in ``texts/<document>/<version>/``. What is published is stored with its hash and never changes.
A new wording or a newly declared field is a new edition: copy the newest folder under the next number, add
an ``Edition`` with its dates, and leave the one in force here until the new one takes effect. Then it may go,
because every database that published it keeps it. A changed operator is none: pages show today's facts
beside a text that tells others, and the next edition tells today's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.template import Context, Engine
from django.utils import translation

from privacy.consent.enums import Document
from privacy.consent.operator import SEED
from privacy.inventory.record import collected_table, told_for_consent

LANGUAGE = "zh-hans"
ANNOUNCED_BEFORE = timedelta(days=7)  # E-Commerce Law 34: amended terms are published a week ahead
# Constants, for a published text must not change when the site is rearranged: these addresses stay.
_COOKIES_PAGE = "/legal/cookies/"
_CHILDREN_PAGE = "/legal/children/"
_ASK_PAGE = "/privacy/ask/"
_TEXTS = Path(__file__).resolve().parent / "texts"
# An engine of its own: a document depends on its files and what it is given alone.
_ENGINE = Engine(dirs=[str(_TEXTS)])

# Where documents disagree the higher rank stands.
RANKS = {Document.TERMS: 10, Document.PRIVACY: 20, Document.CHILDREN: 30}


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One version of one document, ready to be published."""

    document: Document
    version: str
    published_on: date
    effective_on: date
    scope: str

    @property
    def title(self) -> str:
        with translation.override(LANGUAGE):
            return str(self.document.label)

    @property
    def rank(self) -> int:
        return RANKS[self.document]

    def render(self, told: Mapping[str, str] | None = None) -> str:
        """The exact HTML that people are shown; the same inputs give the same bytes.

        ``told``: what the text says about whoever runs the service; by default, what a new database begins
        with.
        """
        template = _ENGINE.get_template(f"{self.document}/{self.version}/index.html")
        with translation.override(LANGUAGE):
            context = {
                "operator": told or SEED.told(),
                "scope": self.scope,
                "collected": collected_table(),
                "about_children": told_for_consent("child"),
                "cookies_page": _COOKIES_PAGE,
                "children_page": _CHILDREN_PAGE,
                "ask_page": _ASK_PAGE,
            }
            return template.render(Context(context)).strip() + "\n"


_FIRST = date(2026, 11, 1)
EDITIONS: Sequence[Edition] = (
    Edition(
        document=Document.TERMS,
        version="1.0",
        published_on=_FIRST,
        effective_on=_FIRST,
        scope="励步儿童成长中心的网站、接口，以及从微信打开的本站页面上的免费试听预约。",
    ),
    Edition(
        document=Document.PRIVACY,
        version="1.0",
        published_on=_FIRST,
        effective_on=_FIRST,
        scope="本政策适用于励步儿童成长中心的网站、接口和从微信打开的本站页面，以及因预约试听而进行的电话、短信联系。",
    ),
    Edition(
        document=Document.CHILDREN,
        version="1.0",
        published_on=_FIRST,
        effective_on=_FIRST,
        scope="本规则适用于我们在预约和试听中处理的一切儿童个人信息，无论来自网页、接口、微信还是校区工作人员。",
    ),
)
