"""How the columns of accounts that people read as one line are declared."""

from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.inventory.fields import personal

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")

SESSION = _("登录状态（随机编号、登录的是哪个账号、刚验证过哪条验证码、打开过哪些预约链接、何时失效）")
SESSION_WITHHELD = _("凭它可以登录您的账号，给出来等于多一把钥匙")


def of_account(field: AnyField, id: str) -> AnyField:  # noqa: A002  the stable id
    """A fact about an account and when it changed: one line for people, whatever the column."""
    return personal(
        field,
        id,
        "system.operations",
        title=_("账号的情况（类别、能否登录，注册、登录、验证和解绑号码的时间）"),
        grade=2,
        why="account",
        keep="account",
    )


def of_code(
    field: AnyField,
    id: str,  # noqa: A002  the stable id
    label: str | Promise,
    *,
    withheld: str | Promise = "",
) -> AnyField:
    """What a code was sent for, and what became of it."""
    return personal(
        field,
        id,
        "system.operations",
        title=_("验证码的发送与使用情况（时间、次数、为了什么、由哪个浏览器请求）"),
        label=label,
        grade=2,
        why="verification",
        keep="code",
        export=not withheld,
        withheld=withheld,
    )


def of_session(field: AnyField, name: str, label: str | Promise, category: str) -> AnyField:
    """What is known of a browser that is signed in."""
    return personal(
        field,
        f"session.{name}",
        category,
        title=SESSION,
        label=label,
        grade=2,
        why="signed_in_session",
        keep="session",
        export=False,
        withheld=SESSION_WITHHELD,
    )
