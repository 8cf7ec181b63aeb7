"""The staff's own pages, which stand before the back office under the same root."""

from django.urls import path

from enrollment import today

app_name = "desk"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("today/<str:public_id>/check-in/", today.arrive, name="check-in"),
    path("today/<str:public_id>/undo/", today.undo, name="undo"),
    path("today/<str:public_id>/no-show/", today.stay_away, name="no-show"),
    path("today/<str:public_id>/came-late/", today.come_late, name="came-late"),
]
