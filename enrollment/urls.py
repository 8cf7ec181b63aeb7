"""The parent's journey, in order."""

from django.urls import path

from enrollment import views

app_name = "enrollment"
urlpatterns = [
    path("trial/", views.trial, name="trial"),
    path("trial/under-18/", views.under_18, name="under-18"),
    path("trial/<str:public_id>/", views.booking, name="booking"),
    path("trial/<str:public_id>/cancel/", views.cancel, name="cancel"),
    path("t/<str:token>/", views.link, name="link"),
]
