"""The closed lists of accounts."""

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class UserKind(ClosedList):
    """Guardians come in by phone, staff by name and password; neither can use the other's door."""

    GUARDIAN = "guardian", _("监护人")
    STAFF = "staff", _("员工")


class CodePurpose(ClosedList):
    """What a code was asked for; it opens nothing else."""

    BOOKING = "booking", _("预约试听")
    LOGIN = "login", _("登录")
    CONFIRM = "confirm", _("确认是本人")
    CHANGE_PHONE = "change_phone", _("更换号码")


class ReleaseReason(ClosedList):
    """Why a number no longer belongs to an account."""

    CHANGED = "changed", _("换号")
    RECYCLED = "recycled", _("号码易主")
    CLOSED = "closed", _("注销")
