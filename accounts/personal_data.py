"""Why accounts hold what they hold, and for how long."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.columns import SESSION, SESSION_WITHHELD
from accounts.models import PhoneBinding, VerificationCode
from privacy.inventory.declarations import Keep, Personal, Purpose
from privacy.inventory.enums import Erase, Grade, KeepReason, Sensitive
from privacy.inventory.registry import declare, register_keep, register_purpose, register_reach
from privacy.keystore.blind_index import blind_indexes
from privacy.keystore.services import Erased, Frozen
from privacy.retention.rules import Rule, register_rule
from privacy.rights.models import DataSubjectRequest

register_purpose(
    Purpose(
        "verification",
        "验证手机号是本人在用",
        "履行合同（个人信息保护法第十三条第二项）",
        ("sms_vendor",),
        place=10,
    )
)
# The campus calls the number, which is the account's; it gets nothing else of it.
register_purpose(
    Purpose(
        "account",
        "建立和保护账号",
        "履行合同（个人信息保护法第十三条第二项）",
        ("campus",),
        place=20,
    )
)
register_purpose(
    Purpose("staff_access", "员工登录后台", "人力资源管理（个人信息保护法第十三条第二项）", of_staff=True)
)

register_purpose(
    Purpose(
        "signed_in_session",
        "认出同一个浏览器，让您保持登录",
        "履行合同（个人信息保护法第十三条第二项）",
        place=50,
    )
)
register_keep(
    Keep(
        "session",
        "从验证通过、登录或打开短信里的链接开始，到退出登录，或三十天没有变动后删除",
        start="last_change",
        floor=timedelta(),
        ceiling=timedelta(days=31),  # thirty days, and the hours until the next clearing
        source="隐私政策：Cookie 与登录状态",
        period=timedelta(days=30),
        reason=KeepReason.SAFETY,
    )
)
register_keep(
    Keep(
        "account",
        "到账号注销为止，注销后 15 日内删除",
        start="account closed",
        floor=timedelta(0),
        ceiling=timedelta(days=15),
        source="隐私政策：账号注销后删除（L-PP-4.7-5）",
        period=timedelta(0),
        reason=KeepReason.AGREEMENT,
    )
)
register_keep(
    Keep(
        "staff",
        "到不再任职为止，之后 15 日内删除",
        start="employment ended",
        floor=timedelta(0),
        ceiling=timedelta(days=15),
        source="个人信息保护法第四十七条：目的已实现",
        period=timedelta(0),
        reason=KeepReason.AGREEMENT,
    )
)
register_keep(
    Keep(
        "code",
        "填写号码后 24 小时内",
        start="number typed",
        floor=timedelta(0),
        ceiling=timedelta(hours=24),
        source="隐私政策：验证码与没有验证的号码（L-PP-4.1-3b）",
        period=timedelta(hours=23),
        reason=KeepReason.SAFETY,
    )
)

# What Django's base classes bring along. Guardians have no password: theirs is empty.
declare(
    "accounts.User",
    "password",
    Personal(
        id="user.password",
        category="user.authorization.credentials",
        title="员工密码的校验值",
        grade=Grade.FOUR,
        why="staff_access",
        keep="staff",
        erase=Erase.DELETE,
        export=False,
        withheld="登录用的凭证，给出来会让人有机会猜中密码",
        sensitive=Sensitive.ACCOUNT,
        unsealed_because="a salted, slow digest by Django; there is nothing to open",
    ),
)
declare(
    "accounts.User",
    "last_login",
    Personal(
        id="user.last_login",
        category="system.operations",
        title="账号的情况（类别、能否登录，注册、登录、验证和解绑号码的时间）",
        label="上次登录",
        grade=Grade.TWO,
        why="account",
        keep="account",
        erase=Erase.DELETE,
        export=True,
    ),
)
for name, label in (
    ("is_superuser", "不受权限限制"),
    ("groups", "角色"),
    ("user_permissions", "另给的权限"),
):
    declare(
        "accounts.User",
        name,
        Personal(
            id=f"user.{name}",
            category="user.account",
            title="员工的权限",
            label=label,
            grade=Grade.TWO,
            why="staff_access",
            keep="staff",
            erase=Erase.DELETE,
            export=True,
        ),
    )

# What Django's base class of sessions brings along.
for name, category, grade, sensitive, unsealed in (
    (
        "session_key",
        "user.authorization.credentials",
        Grade.THREE,
        Sensitive.ACCOUNT,
        "random, asked for on every request, worthless after thirty days",
    ),
    (
        "session_data",
        "user.unique_id",
        Grade.THREE,
        Sensitive.ACCOUNT,
        "read before anybody is known; holds random ids, and neither a number nor a code",
    ),
    ("expire_date", "system.operations", Grade.TWO, None, ""),
):
    declare(
        "accounts.Session",
        name,
        Personal(
            id=f"session.{name.removeprefix('session_')}",
            category=category,
            grade=grade,
            why="signed_in_session",
            keep="session",
            erase=Erase.DELETE,
            export=False,
            withheld=SESSION_WITHHELD,
            sensitive=sensitive,
            title=SESSION,
            unsealed_because=unsealed,
        ),
    )


def numbers_of(subject: UUID) -> list[str]:
    """The person's live number (E.164), for finding what is held under it; none where it does not open."""
    found = []
    for binding in PhoneBinding.objects.live().filter(user=subject):
        try:
            found.append(binding.phone)
        except (Erased, Frozen):
            continue
    return found


def _codes_to_the_number(subject: UUID) -> Q:
    """Codes that were asked for the person's number, by whoever typed it; within a day they are gone."""
    return Q(
        phone_index__in=[
            digest for number in numbers_of(subject) for digest in blind_indexes("code.phone", number)
        ]
    )


def _written_to_the_number(subject: UUID) -> Q:
    """Messages with those codes, and about requests of the person's from before they were known."""
    codes = VerificationCode.objects.filter(_codes_to_the_number(subject)).values("pk")
    asked = DataSubjectRequest.objects.of(subject).values("pk")
    return Q(recipient_kind="code", recipient_id__in=codes) | Q(
        recipient_kind="request", recipient_id__in=asked
    )


register_reach("accounts.VerificationCode", _codes_to_the_number)
register_reach("messaging.Message", _written_to_the_number)

for rule in (
    Rule(
        name="accounts.codes",
        title=_("验证码和没有验证的号码"),
        keep="code",
        model="accounts.VerificationCode",
        since="created_at",
        done_by="accounts.tasks.purge_codes",
    ),
    Rule(
        name="accounts.sessions",
        title=_("登录状态"),
        keep="session",
        model="accounts.Session",
        since="expire_date",
        done_by="accounts.tasks.purge_sessions",
    ),
    Rule(
        name="accounts.closed",
        title=_("注销了的账号"),
        keep="account",
        model="accounts.User",
        done_by="privacy.erasure.tasks.sweep",
    ),
    Rule(
        name="accounts.staff",
        title=_("离职员工的账号"),
        keep="staff",
        model="accounts.User",
        done_by="privacy.erasure.management.commands.erase_subject",
    ),
    Rule(
        name="children.doubtful",
        title=_("没有监护人同意的孩子信息"),
        keep="child",
        model="minors.Child",
        since="in_doubt_since",
        done_by="accounts.tasks.sweep_children",
    ),
):
    register_rule(rule)
