"""Addresses of the pages that belong to no single app."""

from django.urls import include, path

from website import views
from website.account import account, bookings, offers
from website.ask_pages.door import ask
from website.ask_pages.follow import follow
from website.pages.campus import campus
from website.pages.cities import cities, city
from website.pages.home import home
from website.pages.machines import icon, robots, security, sitemap
from website.pages.programme import programme

app_name = "website"
urlpatterns = [
    path("", home, name="home"),
    path("programmes/<slug:slug>/", programme, name="programme"),
    path("cities/", cities, name="cities"),
    path("cities/<slug:slug>/", city, name="city"),
    path("campuses/<slug:slug>/", campus, name="campus"),
    path("legal/cookies/", views.cookies, name="cookies"),
    path("account/", account, name="account"),
    path("account/bookings/", bookings, name="bookings"),
    path("account/offers/", offers, name="offers"),
    path("", include("website.erasure_pages.urls")),
    path("account/privacy/", include("website.privacy_pages.urls")),
    path("privacy/ask/", ask, name="ask"),
    path("privacy/ask/<str:receipt>/", follow, name="follow"),
    path(".well-known/security.txt", security, name="security"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("favicon.ico", icon, name="icon"),
]
