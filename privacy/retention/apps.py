"""The app `privacy.retention`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "privacy.retention"
    label = "retention"
    verbose_name = _("保存期限")

    def ready(self) -> None:
        from privacy.retention import checks  # noqa: F401  adds itself
