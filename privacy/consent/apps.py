"""The app `privacy.consent`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    name = "privacy.consent"
    label = "consent"
    verbose_name = _("运营方、协议和同意")
