"""How the columns of requests that people read as one line are declared."""

from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.inventory.fields import Erase, personal
from privacy.inventory.telling import Telling

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def of_request(
    field: AnyField,
    name: str,
    category: str = "user.privacy_preferences",
    *,
    label: str | Promise = "",
    told: Telling | None = None,
) -> AnyField:
    """What was asked for, and how it went."""
    return personal(
        field,
        f"request.{name}",
        category,
        title=_(
            "个人信息请求（谁、为谁、要什么、从哪里来、怎样证明本人、每一步的时间、结果、期限、由谁经办）"
        ),
        label=label,
        told=told,
        grade=2,
        why="rights",
        keep="request",
        erase=Erase.KEEP,
    )


def of_package(
    field: AnyField,
    name: str,
    category: str = "system.operations",
    *,
    label: str | Promise = "",
    told: Telling | None = None,
    withheld: str | Promise = "",
) -> AnyField:
    """An export on its way, and how often it was taken."""
    return personal(
        field,
        f"package.{name}",
        category,
        title=_("信息副本的制作和下载记录（何时做好、何时过期、下载过几次）"),
        export=not withheld,
        label=label,
        told=told,
        withheld=withheld,
        grade=2,
        why="rights",
        keep="request",
        erase=Erase.KEEP,
    )
