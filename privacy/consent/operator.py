"""Who runs the service, held once: the documents and the site show the same name and numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Operator:
    """The handler of personal information, as the law wants it named: name, address, ways to reach it."""

    brand: str
    name: str
    address: str
    hotline: str  # as people read it
    hotline_note: str
    hours: str
    privacy_mail: str

    @property
    def hotline_tel(self) -> str:
        """The hotline as phones dial it (RFC 3966)."""
        return self.hotline.replace("-", "")


# A change here changes the documents: it comes with a new edition of each (privacy/consent/documents.py).
OPERATOR = Operator(
    brand="励步儿童成长中心",
    name="示例教育科技有限公司（演示）",
    address="北京市示例区示例路 1 号（演示）",
    hotline="400-000-0000",
    hotline_note="（演示）",
    hours="9:30–18:30，法定节假日除外",
    privacy_mail="privacy@example.com",
)
