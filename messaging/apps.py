"""The messaging app: what we send."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = "消息"

    def ready(self) -> None:
        from messaging import checks  # noqa: F401  registers itself
        from messaging.notifier import Notices
        from privacy import ports

        ports.register("notifier", Notices())
