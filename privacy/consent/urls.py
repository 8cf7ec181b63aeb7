"""The public pages of the documents, to be included under ``/legal/``."""

from django.urls import path, re_path

from privacy.consent import views

app_name = "consent"
_VERSION = r"^(?P<document>[a-z]+)/versions/(?P<version>[0-9]{1,4}\.[0-9]{1,4})"

urlpatterns = [
    path("<slug:document>/", views.document, name="document"),
    path("<slug:document>/download/", views.download, name="download"),
    path("<slug:document>/versions/", views.versions, name="versions"),
    re_path(_VERSION + "/$", views.version, name="version"),
    re_path(_VERSION + "/download/$", views.download_version, name="download_version"),
]
