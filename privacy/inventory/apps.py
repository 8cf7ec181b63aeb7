"""The app `privacy.inventory`: gathers what every app declared, and refuses what nobody did."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class InventoryConfig(AppConfig):
    name = "privacy.inventory"
    label = "inventory"

    def ready(self) -> None:
        autodiscover_modules("personal_data")
        import_module("privacy.inventory.checks")
