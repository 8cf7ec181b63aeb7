"""What we say. The exact text sent is evidence, so it stands here and not in a translation catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.enums import Category

SIGNATURE = "【励步】"
ONE_PART, TWO_PARTS = 70, 134  # characters; each part costs as much as a message


@dataclass(frozen=True)
class Text:
    """One message: its words, with {parameters}, and what kind of message it is."""

    body: str
    category: Category
    by_day: bool = False
    """It can wait until people are awake."""


TEXTS: dict[str, Text] = {
    "code": Text("{code} 是您的验证码，5分钟内有效。工作人员不会索要，请勿转发。", Category.ESSENTIAL),
    "trial_requested": Text(
        "{city}的免费试听预约已收到，预约号{reference}。校区会尽快打电话与您约时间。查看或取消 {link}",
        Category.SERVICE,
    ),
    "trial_booked": Text(
        "约好了：{when}，{course}免费试听。{campus}，{address}。预约号{reference}。改期或取消 {link}",
        Category.SERVICE,
    ),
    "trial_moved": Text(
        "改好了：{when}，{course}免费试听。{campus}，{address}。新预约号{reference}。查看或再改 {link}",
        Category.SERVICE,
    ),
    "seat_offered": Text(
        "候补到座位了：{when}，{course}免费试听，{campus}。给您留到{until}，请点开确认 {link}",
        Category.SERVICE,
        by_day=True,
    ),
    "reminder_day": Text(
        "{when}有一节免费试听：{course}，{campus}。会来、想改期、来不了，都请点开说一声 {link}",
        Category.SERVICE,
        by_day=True,
    ),
    "reminder_soon": Text("{when}试听，{campus}：{address}{way}。查看 {link}", Category.SERVICE, by_day=True),
    "missed_you": Text(
        "{when}的试听没有等到您，希望一切都好。有话想说，请打校区电话{phone}。", Category.SERVICE, by_day=True
    ),
    "missed_you_offer": Text(
        "{when}的试听没有等到您。还可以来：{times}。预约 {link} 拒收请回复R", Category.MARKETING, by_day=True
    ),
    "waiting_over": Text(
        "您候补的{course}试听没有等到空位，抱歉。别的时间可以在这里看 {link}",
        Category.SERVICE,
        by_day=True,
    ),
    "class_changed": Text(
        "{reason}，您约的{course}免费试听有变动：原来是{old}，现在是{new}。"
        "照常来、改期或取消都可以，请点开 {link}",
        Category.SERVICE,
    ),
    "class_teacher_changed": Text(
        "{reason}，您约的{when}{course}免费试听换由{teacher}来上，时间地点不变。要改期或取消请点开 {link}",
        Category.SERVICE,
    ),
    "class_room_changed": Text(
        "{reason}，您约的{when}{course}免费试听换到{room}上，时间和校区不变。要改期或取消请点开 {link}",
        Category.SERVICE,
    ),
    "class_called_off": Text(
        "很抱歉，{reason}，{when}{course}免费试听取消了。{others}重新约请点开 {link}", Category.SERVICE
    ),
    "trial_booked_party": Text(
        "约好了{seats}个座位：{when}，{course}免费试听。{campus}，{address}。预约号{reference}。查看 {link}",
        Category.SERVICE,
    ),
    "trial_cancelled_party": Text(
        "预约号{reference}一起约的{seats}个座位已取消。想再约随时都可以。", Category.SERVICE
    ),
    "trial_cancelled_some": Text(
        "预约号{reference}的座位已取消。一起约的另外{left}个座位还给您留着。", Category.SERVICE
    ),
    # To the child's other guardian: no reference and no link, the booking is not theirs.
    "trial_booked_other": Text(
        "孩子的另一位监护人约好了{when}的{course}免费试听，{campus}，{address}。", Category.SERVICE
    ),
    "trial_moved_other": Text(
        "孩子的另一位监护人把试听改到了{when}，{course}，{campus}，{address}。", Category.SERVICE
    ),
    "trial_cancelled_other": Text(
        "孩子的另一位监护人取消了{when}的{course}免费试听，{campus}。", Category.SERVICE
    ),
    "class_changed_other": Text(
        "{reason}，孩子的{course}免费试听改到{when}，{campus}，{address}。", Category.SERVICE
    ),
    "class_called_off_other": Text(
        "{reason}，孩子的{when}{course}免费试听取消了，{campus}。", Category.SERVICE
    ),
    "trial_cancelled": Text("预约号{reference}的试听已取消。想再约随时都可以。", Category.SERVICE),
    "phone_changed": Text(
        "您的账号换成用这个号码登录和收通知了。不是您换的，请马上打{phone}告诉我们。", Category.ESSENTIAL
    ),
    # To the number that was the account's until now.
    "phone_released": Text(
        "您的账号换了号码，这个号码不再能登录。不是您换的，请马上打{phone}告诉我们。", Category.ESSENTIAL
    ),
    # Of a request about somebody's data: its name, and where to read on. Never what it is, nor what was said.
    "rights_received": Text(
        "您的请求已收到，编号{reference}，最迟{until}前答复。登录后在“我的隐私”里看进展。",
        Category.SERVICE,
        by_day=True,
    ),
    "rights_received_door": Text(
        "您的请求已收到，编号{reference}，最迟{until}前答复。", Category.SERVICE, by_day=True
    ),
    "rights_question": Text(
        "您的请求{reference}有一个问题要问您，请登录后在“我的隐私”里回答。等您的日子不算在期限里。",
        Category.SERVICE,
        by_day=True,
    ),
    "rights_question_door": Text(
        "您的请求{reference}有一个问题要问您，请用回执号打开请求页回答。等您的日子不算在期限里。",
        Category.SERVICE,
        by_day=True,
    ),
    "rights_news": Text(
        "您的请求{reference}有新的消息，请登录后在“我的隐私”里看。", Category.SERVICE, by_day=True
    ),
    "rights_news_door": Text(
        "您的请求{reference}有新的消息，请用回执号打开请求页看。", Category.SERVICE, by_day=True
    ),
    "rights_answered": Text(
        "您的请求{reference}已答复，请登录后在“我的隐私”里看。不满意怎么办，答复里写着。",
        Category.SERVICE,
        by_day=True,
    ),
    "rights_answered_door": Text(
        "您的请求{reference}已答复，请用回执号打开请求页看。不满意怎么办，答复里写着。",
        Category.SERVICE,
        by_day=True,
    ),
    "rights_lapsed": Text(
        "您的请求{reference}等了30天没有等到您的回答，已失效。随时可以再提。", Category.SERVICE, by_day=True
    ),
    "rights_lapsed_door": Text(
        "您的请求{reference}等了30天没有等到证明或回答，已失效。随时可以再提。",
        Category.SERVICE,
        by_day=True,
    ),
    # It cannot wait for the morning: by then the number that is kept for it may be gone.
    "rights_begun_door": Text(
        "您的请求{reference}已批准，正在办理。进展和结果，用回执号{receipt}打开请求页看。",
        Category.SERVICE,
    ),
    # Somebody may be in the account just now: it does not wait.
    "rights_signed_out": Text(
        "按您的请求{reference}，账号已在所有设备上退出。再登录要用新的验证码，请勿告诉别人。",
        Category.ESSENTIAL,
    ),
}

# What waits for the morning, whoever is late to send it.
BY_DAY = tuple(name for name, text in TEXTS.items() if text.by_day)


def render(template: str, parameters: Mapping[str, str]) -> str:
    """The words of ``template`` with ``parameters`` put in. Raises KeyError for one that is missing."""
    return SIGNATURE + TEXTS[template].body.format_map(parameters)


def fitting(template: str, parameters: Mapping[str, str], *, name: str, said: str) -> dict[str, str]:
    """``parameters`` with ``name``: as much of what is ``said``, by clauses, as two parts have room for.

    It comes behind a comma; nothing at all where not even the first clause fits.
    """
    clauses = ["", *(f"，{clause}" for clause in said.split("，"))]
    while len(clauses) > 1:
        whole = {**parameters, name: "".join(clauses)}
        if len(render(template, whole)) <= TWO_PARTS:
            return whole
        clauses.pop()
    return {**parameters, name: ""}
