"""Who runs the service, held once: documents, footer and pages show the same name, addresses and numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from kit.day_words import span
from kit.snapshot import Snapshot
from kit.workdays import is_holiday, is_known
from privacy.consent.enums import Document
from privacy.consent.models import ConsentNotice, OperatorData

_FRESH_FOR = 30  # seconds; pages made from it are kept for as long again at the most
_DEMO = "演示"


@dataclass(frozen=True, kw_only=True)
class Filing:
    """A filing number as a link to the register that holds it."""

    name: str
    address: str
    outside: bool = True


@dataclass(frozen=True, kw_only=True)
class Operator:
    """The handler of personal information as the law wants it named: who, where, and ways to reach it.

    Hours are local to Asia/Shanghai. Source: PIPL 17, 52; E-Commerce Law 15; 互联网信息服务管理办法 12.
    """

    brand: str
    brand_short: str
    brand_english: str
    company: str
    registered_address: str
    contact_address: str
    hotline: str  # as people read it
    hotline_note: str
    opens_at: time
    closes_at: time
    privacy_department: str
    privacy_phone: str
    privacy_opens_at: time
    privacy_closes_at: time
    privacy_mail: str
    icp: str
    police_filing: str
    wechat_account: str
    wechat_code: str

    @property
    def hotline_tel(self) -> str:
        """The hotline as phones dial it (RFC 3966)."""
        return self.hotline.replace("-", "")

    @property
    def privacy_tel(self) -> str:
        """The department's number as phones dial it."""
        return self.privacy_phone.replace("-", "")

    @property
    def hours(self) -> str:
        """When the hotline is answered; weekends are not excepted, statutory holidays are."""
        return _("{hours}，法定节假日除外").format(hours=span(self.opens_at, self.closes_at))

    @property
    def privacy_hours(self) -> str:
        """When the department answers its own number."""
        return _("工作日 {hours}").format(hours=span(self.privacy_opens_at, self.privacy_closes_at))

    @property
    def filings(self) -> tuple[Filing, ...]:
        """The filing numbers there are, each leading to its register, as both rules want it."""
        numbered = (
            Filing(name=self.icp, address="https://beian.miit.gov.cn/"),
            Filing(name=self.police_filing, address="https://beian.mps.gov.cn/"),
        )
        return tuple(filing for filing in numbered if filing.name)

    @property
    def missing_filings(self) -> bool:
        """Whether a filing number is empty or still the demo's: such a site may not face the public."""
        return any(not number or _DEMO in number for number in (self.icp, self.police_filing))

    def answers(self, at: datetime) -> bool:
        """Whether somebody answers the hotline at ``at``."""
        local = timezone.localtime(at)
        return self.opens_at <= local.time() < self.closes_at and not is_holiday(local.date())

    def answering(self, at: datetime) -> str:
        """Whether somebody answers at ``at``, in words; empty for a day whose holidays nobody knows yet."""
        if not is_known(timezone.localdate(at)):
            return ""
        return _("现在有人接") if self.answers(at) else _("现在没人接")

    def told(self) -> dict[str, str]:
        """What documents tell people, under the names their texts use. Stored with each published text."""
        return {
            "brand": self.brand,
            "name": self.company,
            "registered_address": self.registered_address,
            "address": self.contact_address,
            "hotline": self.hotline,
            "hotline_tel": self.hotline_tel,
            "hotline_note": self.hotline_note,
            "hours": self.hours,
            "privacy_department": self.privacy_department,
            "privacy_phone": self.privacy_phone,
            "privacy_tel": self.privacy_tel,
            "privacy_hours": self.privacy_hours,
            "privacy_mail": self.privacy_mail,
        }


def _frozen(row: OperatorData) -> Operator:
    return Operator(**{field.name: getattr(row, field.name) for field in fields(Operator)})


SEED = _frozen(OperatorData())
"""What a new database begins with, and what stands in where none was ever reached."""


def read_operator() -> Operator:
    """Whoever runs the service, as of now; one query."""
    return _frozen(OperatorData.objects.get())


operator: Snapshot[Operator] = Snapshot(read_operator, seconds=_FRESH_FOR)
"""Whoever runs the service, as of half a minute ago at the most: call it. One query then, none otherwise.

Raises the store's error when it was never read and the database does not answer.
"""


def operator_at_hand() -> Operator:
    """The same without asking any store, for pages that say a store is gone."""
    return operator.at_hand() or SEED


def documents_telling_otherwise() -> list[str]:
    """Titles of the documents in force whose text tells people other facts than today's."""
    today = read_operator().told()
    in_force = ConsentNotice.objects.in_force().only("document", "title", "told")
    titles = {notice.document: notice.title for notice in in_force if notice.told != today}
    return [titles[document] for document in Document.values if document in titles]
