"""Why accounts hold what they hold, and for how long."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, Personal, Plain, Purpose
from privacy.inventory.enums import Erase, Grade
from privacy.inventory.registry import declare, register_keep, register_purpose

register_purpose(Purpose("account", "建立和保护账号", "履行合同（个人信息保护法第十三条第二项）"))
register_purpose(
    Purpose(
        "verification", "验证手机号是本人在用", "履行合同（个人信息保护法第十三条第二项）", ("sms_vendor",)
    )
)
register_purpose(Purpose("staff_access", "员工登录后台", "人力资源管理（个人信息保护法第十三条第二项）"))

register_keep(
    Keep(
        "account",
        "账号注销为止",
        start="account closed",
        floor=timedelta(0),
        ceiling=timedelta(days=15),
        source="隐私政策：账号注销后删除（L-PP-4.7-5）",
    )
)
register_keep(
    Keep(
        "code",
        "过期后 24 小时",
        start="code expired",
        floor=timedelta(0),
        ceiling=timedelta(hours=24),
        source="隐私政策：验证码（L-PP-4.1-3b）",
    )
)
register_keep(
    Keep(
        "unproved",
        "填写后 24 小时",
        start="number typed",
        floor=timedelta(0),
        ceiling=timedelta(hours=24),
        source="隐私政策：没有验证的号码（L-PP-4.1-3b）",
    )
)


def _of_account(id: str, title: str, *, export: bool, grade: Grade = Grade.TWO) -> Personal:  # noqa: A002
    return Personal(
        id=id,
        category="user.account",
        title=title,
        grade=grade,
        why="account",
        keep="account",
        erase=Erase.DELETE,
        export=export,
    )


# What Django's base classes bring along
declare("accounts.User", "password", _of_account("user.password", "密码的校验值", export=False))
declare("accounts.User", "last_login", _of_account("user.last_login", "最近登录时间", export=True))
for name in ("is_superuser", "groups", "user_permissions"):
    declare("accounts.User", name, Plain("what a member of staff may do, not who they are"))
