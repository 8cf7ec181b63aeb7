"""How the columns of accounts that people read as one line are declared."""

from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.inventory.fields import personal

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


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
