"""Addresses of an account on its way out: under /account/privacy/, and behind a receipt number."""

from django.urls import path

from website.erasure_pages import closing, course

_REQUEST = "account/privacy/requests/<slug:public_id>/"
_FOLLOWED = "privacy/ask/<str:receipt>/"

urlpatterns = [
    path("account/privacy/close/", closing.close, name="close"),
    path(f"{_REQUEST}erasure/", course.erasure, name="erasure"),
    path(f"{_REQUEST}certificate/", course.certificate, name="certificate"),
    path(f"{_REQUEST}certificate.json", course.certificate_file, name="certificate-file"),
    path(f"{_FOLLOWED}certificate/", course.followed_certificate, name="follow-certificate"),
    path(f"{_FOLLOWED}certificate.json", course.followed_file, name="follow-certificate-file"),
]
