"""How people are told of what a booking or a place in line is for."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.inventory.telling import NOBODY, Reader


def as_time(value: Any, row: Any, reader: Reader) -> str:
    """A class by its time; course and campus stand beside it."""
    if value is None:
        return NOBODY
    begins, ends = timezone.localtime(value.starts_at), timezone.localtime(value.ends_at)
    return f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}"


def as_class(value: Any, row: Any, reader: Reader) -> str:
    """A class by its time, course and campus."""
    return f"{as_time(value, row, reader)} {value.course} {value.campus}"


def as_place(value: Any, row: Any, reader: Reader) -> str:
    """An entry of the waiting list by when it was made."""
    if value is None:
        return NOBODY
    return _("%(time)s 加入的候补") % {"time": f"{timezone.localtime(value.joined_at):%Y-%m-%d %H:%M:%S}"}
