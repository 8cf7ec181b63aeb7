"""Addresses of requests that need no page: the rest stands in `website`."""

from django.urls import path

from privacy.rights import views

app_name = "rights"
urlpatterns = [
    path("privacy/signing-key.pem", views.signing_key, name="signing_key"),
]
