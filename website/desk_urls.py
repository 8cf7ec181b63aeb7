"""The officers' pages, which stand before the back office under the same root."""

from django.urls import path

from website.requests_pages import acts, call, inbox, numbers, one, plans, write

app_name = "requests"
urlpatterns = [
    path("requests/", inbox.inbox, name="inbox"),
    path("requests/find/", inbox.find, name="find"),
    path("requests/new/", call.call, name="call"),
    path("requests/numbers/", numbers.numbers, name="numbers"),
    path("requests/numbers/<int:year>/<int:month>/", numbers.month_file, name="month-file"),
    path("requests/<str:public_id>/", one.one, name="one"),
    path("requests/<str:public_id>/found/<str:area>/", one.found, name="found"),
    path("requests/<str:public_id>/take/", acts.taken, name="take"),
    path("requests/<str:public_id>/accept/", acts.accepted, name="accept"),
    path("requests/<str:public_id>/grant/", acts.granted, name="grant"),
    path("requests/<str:public_id>/run/", acts.done, name="run"),
    path("requests/<str:public_id>/agree/", acts.agreed, name="agree"),
    path("requests/<str:public_id>/decline/", acts.declined, name="decline"),
    path("requests/<str:public_id>/ask/", write.ask, name="ask"),
    path("requests/<str:public_id>/reply/", write.answer, name="reply"),
    path("requests/<str:public_id>/refuse/", write.refuse, name="refuse"),
    path("requests/<str:public_id>/correct/", write.put_right, name="correct"),
    path("requests/<str:public_id>/papers/", write.papers, name="papers"),
    path("requests/<str:public_id>/transfer/", write.transfer, name="transfer"),
    path("requests/<str:public_id>/plan/", plans.plan, name="plan"),
]
