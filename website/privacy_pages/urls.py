"""Addresses of one's own information, under /account/privacy/."""

from django.urls import path

from website.privacy_pages import asking, correcting, exporting, overview, own_request, seeing, using
from website.step_up import confirm

_REQUEST = "requests/<slug:public_id>/"
_PACKAGE = f"{_REQUEST}package/"

urlpatterns = [
    path("", overview.privacy, name="privacy"),
    path("confirm/", confirm, name="confirm"),
    path("see/", seeing.see, name="privacy-see"),
    path("see/<str:name>/", seeing.see_kind, name="privacy-see-kind"),
    path("explain/", overview.explain, name="privacy-explain"),
    path("correct/", correcting.correct, name="privacy-correct"),
    path("correct/number/", correcting.number, name="privacy-number"),
    path("restrict/", using.restrict, name="privacy-restrict"),
    path("withdraw/", using.withdraw, name="privacy-withdraw"),
    path("agree/", using.agree, name="privacy-agree"),
    path("consents/", using.consent, name="privacy-consent"),
    path("export/", exporting.export, name="privacy-export"),
    path("say/", asking.say, name="privacy-say"),
    path("write/<slug:slug>/", asking.write, name="privacy-write"),
    path("requests/", overview.requests, name="own-requests"),
    path(_REQUEST, own_request.own_request_page, name="own-request"),
    path(f"{_REQUEST}answer/", own_request.answer_question, name="own-request-answer"),
    path(f"{_REQUEST}confirm/", own_request.confirm_own, name="own-request-confirm"),
    path(f"{_REQUEST}withdraw/", own_request.withdraw_own, name="own-request-withdraw"),
    path(_PACKAGE, exporting.package, name="privacy-package"),
    path(f"{_PACKAGE}password/", exporting.password, name="privacy-password"),
    path(f"{_PACKAGE}download/", exporting.download, name="privacy-download"),
    path(f"{_PACKAGE}read/", exporting.read, name="privacy-read"),
    path(f"{_PACKAGE}<slug:token>/", exporting.fetch_zip, name="privacy-fetch"),
]
