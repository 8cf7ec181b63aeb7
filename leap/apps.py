"""The wiring as an installed app, and the staff's site in place of Django's own."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class LeapConfig(AppConfig):
    """Knows every app; no app knows it."""

    name = "leap"
    verbose_name = "励步"

    def ready(self) -> None:
        import kit.api_schema  # noqa: F401  registers itself with the API's description
        from kit import outbound
        from leap import public_checks  # noqa: F401  registers itself
        from leap.celery import app
        from leap.store_keepers import register_keepers

        register_keepers()
        app.set_default()  # shared tasks called from the web server's threads find the same queue
        outbound.install()


class StaffAdminConfig(AdminConfig):
    """``django.contrib.admin`` with our site."""

    default_site = "leap.admin.StaffAdminSite"
