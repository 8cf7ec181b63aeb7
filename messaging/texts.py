"""What we say. The exact text sent is evidence, so it stands here and not in a translation catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.enums import Category

SIGNATURE = "【励步】"


@dataclass(frozen=True)
class Text:
    """One message: its words, with {parameters}, and what kind of message it is."""

    body: str
    category: Category


TEXTS: dict[str, Text] = {
    "code": Text("{code} 是您的验证码，5分钟内有效。工作人员不会索要，请勿转发。", Category.ESSENTIAL),
    "trial_requested": Text(
        "{city}的免费试听预约已收到，预约号{reference}。校区会尽快打电话与您约时间。查看或取消 {link}",
        Category.SERVICE,
    ),
    "trial_booked": Text(
        "约好了：{when}，{course}免费试听。{campus}，{address}。预约号{reference}。查看或取消 {link}",
        Category.SERVICE,
    ),
    "seat_offered": Text(
        "候补到座位了：{when}，{course}免费试听，{campus}。给您留到{until}，请点开确认 {link}",
        Category.SERVICE,
    ),
    "trial_cancelled": Text("预约号{reference}的试听已取消。想再约随时都可以。", Category.SERVICE),
}


def render(template: str, parameters: Mapping[str, str]) -> str:
    """The words of ``template`` with ``parameters`` put in. Raises KeyError for one that is missing."""
    return SIGNATURE + TEXTS[template].body.format_map(parameters)
