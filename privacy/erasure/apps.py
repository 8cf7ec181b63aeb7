"""The app `privacy.erasure`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ErasureConfig(AppConfig):
    name = "privacy.erasure"
    label = "erasure"
    verbose_name = _("删除")

    def ready(self) -> None:
        from privacy.erasure import checks  # noqa: F401  adds itself
