"""How the columns about children that people read as one line are declared."""

from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.inventory.fields import Klass, SealedText, Sensitive, personal
from privacy.inventory.telling import Telling

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def of_record(
    field: AnyField,
    name: str,
    label: str | Promise,
    category: str = "system.operations",
    *,
    told: Telling | None = None,
    withheld: str | Promise = "",
) -> AnyField:
    """What the record itself needs: one line for people, whatever the column."""
    return personal(
        field,
        name,
        category,
        title=_("孩子的记录（随机编号、由哪位监护人填写、依哪次同意、何时填写）"),
        label=label,
        told=told,
        export=not withheld,
        withheld=withheld,
        grade=2,
        why="child",
        keep="child",
        necessity=_("让您能查看、更正和删除，也让别人看不到"),
    )


def of_invitation(
    field: AnyField,
    name: str,
    label: str | Promise,
    category: str = "system.operations",
    *,
    told: Telling | None = None,
) -> AnyField:
    """What an invitation needs: one line for people, whatever the column."""
    return personal(
        field,
        f"guardian_invitation.{name}",
        category,
        title=_("邀请另一位监护人的记录（谁邀请、谁接受、何时）"),
        label=label,
        told=told,
        grade=2,
        why="child",
        keep="child",
        necessity=_("只有用到这个功能才有；没人接受的，到期后一周内删除"),
    )


def what_stood(name: str, label: str | Promise) -> SealedText[Any, Any]:
    """One side of a correction."""
    return SealedText(
        f"child_correction.{name}",
        "user.childrens",
        title=_("孩子信息更正前后的内容"),
        label=label,
        klass=Klass.MINOR,
        why="child",
        keep="child",
        grade=4,
        sensitive=Sensitive.CHILD,
        subject="child_id",
        necessity=_("说得清改过什么、什么时候改的"),
    )
