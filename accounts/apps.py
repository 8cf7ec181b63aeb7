"""The accounts app: who people are."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from accounts.addresses import NumberOf
        from privacy import ports

        ports.register("address_of", NumberOf())
