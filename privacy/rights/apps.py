"""The app `privacy.rights`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RightsConfig(AppConfig):
    name = "privacy.rights"
    label = "rights"
    verbose_name = _("个人信息请求")

    def ready(self) -> None:
        from privacy.rights import checks  # noqa: F401  registers itself
        from privacy.rights.services import forgetting  # noqa: F401  registers its rules
