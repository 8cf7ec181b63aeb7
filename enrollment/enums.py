"""The closed lists of enrollment, and which state may follow which."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BookingState(models.TextChoices):
    """Where a trial booking stands. ``requested`` takes no seat: the campus calls to fix a class."""

    REQUESTED = "requested", _("已收到，等校区联系")
    CANCELLED = "cancelled", _("已取消")


TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.REQUESTED: frozenset({BookingState.CANCELLED}),
    BookingState.CANCELLED: frozenset(),
}
