"""The demo inbox."""

from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [
    path("sms.json", views.inbox_json, name="inbox-json"),
    path("sms/", views.inbox, name="inbox"),
]
