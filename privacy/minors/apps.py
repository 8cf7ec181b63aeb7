"""The app `privacy.minors`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MinorsConfig(AppConfig):
    name = "privacy.minors"
    label = "minors"
    verbose_name = _("儿童")
