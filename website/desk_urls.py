"""The officers' pages, which stand before the back office under the same root."""

from django.urls import path

from website.requests_pages import acts, call, erasing, inbox, numbers, one, plans, write
from website.retention_pages import board, holds, remainders, trying

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
    path("requests/<str:public_id>/erasure/", erasing.erasure, name="erasure"),
]

# In a namespace of its own, under the same root.
retention = (
    [
        path("", board.board, name="board"),
        path("try/", trying.tried, name="try"),
        path("certificates/", board.certificates, name="certificates"),
        path("told/<uuid:notice_id>/", trying.told, name="told"),
        path("remainders/", remainders.remainders, name="remainders"),
        path("holds/", holds.listed, name="holds"),
        path("holds/new/", holds.place, name="place"),
        path("holds/<str:public_id>/review/", holds.review, name="review"),
        path("holds/<str:public_id>/release/", holds.release, name="release"),
    ],
    "retention",
)
