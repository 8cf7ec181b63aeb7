"""Addresses of the pages that belong to no single app."""

from django.urls import path

from website import views
from website.account import account

app_name = "website"
urlpatterns = [
    path("", views.home, name="home"),
    path("legal/cookies/", views.cookies, name="cookies"),
    path("account/", account, name="account"),
    path("robots.txt", views.robots, name="robots"),
]
