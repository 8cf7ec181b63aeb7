"""The accounts app: who people are."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from accounts.addresses import NumberOf
        from accounts.browser import COOKIE
        from accounts.services.leaving import Accounts, Families
        from accounts.services.sessions import EverySession
        from kit.cookies import Cookie, register
        from privacy import ports

        ports.register("address_of", NumberOf())
        ports.register("sessions", EverySession())
        ports.register("account_of", Accounts())
        ports.register("wards", Families())
        register(
            Cookie(
                name=COOKIE,
                purpose=_("记住是同一个浏览器要的验证码，别人拿到验证码也用不了"),
                lifetime=_("获取验证码后一小时"),
                necessary=True,
            )
        )
