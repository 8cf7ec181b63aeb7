"""The staff's site: Django's admin under our name."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _

from accounts.staff_login import StaffLoginForm


class StaffAdminSite(AdminSite):
    """Back-office work of campus staff and privacy officers."""

    site_title = _("励步工作台")
    site_header = _("励步工作台")
    index_title = _("今天要做的事")
    empty_value_display = "—"
    login_form = StaffLoginForm
