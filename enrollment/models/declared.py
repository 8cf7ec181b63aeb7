"""How the columns of enrollment that people read as one line are declared."""

from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.inventory.fields import Erase, personal
from privacy.inventory.telling import Telling

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def of_booking(
    field: AnyField,
    name: str,
    category: str = "user.behavior.purchase_history",
    *,
    label: str | Promise = "",
    told: Telling | None = None,
) -> AnyField:
    """What was booked and what became of it."""
    return personal(
        field,
        f"booking.{name}",
        category,
        title=_("试听预约（谁约的、给哪个孩子、编号、城市、校区、哪节课、进展、时间、从哪个入口来）"),
        label=label,
        told=told,
        grade=2,
        why="trial",
        keep="trial",
        erase=Erase.KEEP,
    )


def of_event(field: AnyField, name: str, label: str | Promise, *, told: Telling | None = None) -> AnyField:
    """A step of a booking."""
    return personal(
        field,
        f"booking_event.{name}",
        "user.behavior.purchase_history",
        title=_("预约的经过（每一步的时间、结果、由家长还是由工作人员操作）"),
        label=label,
        told=told,
        grade=2,
        why="trial",
        keep="trial",
        erase=Erase.KEEP,
    )


def of_link(field: AnyField, name: str, label: str | Promise) -> AnyField:
    """What is known of a link in a message."""
    return personal(
        field,
        f"link.{name}",
        "system.operations",
        title=_("短信里的预约链接（对应哪次预约、何时失效）"),
        label=label,
        grade=2,
        why="trial",
        keep="trial",
    )


def of_waiting(
    field: AnyField,
    name: str,
    category: str = "user.behavior.purchase_history",
    *,
    label: str | Promise = "",
    told: Telling | None = None,
) -> AnyField:
    """Who waits for what."""
    return personal(
        field,
        f"waitlist.{name}",
        category,
        title=_("候补（谁在等、给哪个孩子、等哪几节课、什么时候加入、结果）"),
        label=label,
        told=told,
        grade=2,
        why="trial",
        keep="waiting",
    )
