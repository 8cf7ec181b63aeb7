"""The app of the pages that gather from several apps."""

from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    """Home, cookies, robots: pages that belong to no single app."""

    name = "website"
    verbose_name = "网站"
