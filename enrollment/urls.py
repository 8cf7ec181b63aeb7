"""The parent's journey, in order."""

from django.urls import path

from enrollment import children_pages, feeds, invitation_pages, move_pages, views, waiting_views

app_name = "enrollment"
urlpatterns = [
    path("trial/", views.trial, name="trial"),
    path("trial/under-18/", views.under_18, name="under-18"),
    path("trial/waitlist/<str:public_id>/", waiting_views.waiting, name="waiting"),
    path("trial/waitlist/<str:public_id>/leave/", waiting_views.leave_list, name="waiting-leave"),
    path("trial/<str:public_id>.ics", views.calendar, name="calendar"),
    path("trial/<str:public_id>/", views.booking, name="booking"),
    path("trial/<str:public_id>/accept/", waiting_views.accept_offer, name="accept"),
    path("trial/<str:public_id>/decline/", waiting_views.decline_offer, name="decline"),
    path("trial/<str:public_id>/keep/", move_pages.keep, name="keep"),
    path("trial/<str:public_id>/reschedule/", move_pages.reschedule, name="reschedule"),
    path("trial/<str:public_id>/cancel/", views.cancel, name="cancel"),
    path("t/<str:token>/", views.link, name="link"),
    path("feeds/teacher/<str:token>.ics", feeds.teacher, name="teacher-feed"),
    path("account/children/", children_pages.children, name="children"),
    path("account/children/add/", children_pages.add, name="child-add"),
    path("account/children/join/<str:token>/", invitation_pages.join, name="join"),
    path("account/children/<str:public_id>/", children_pages.correct, name="child"),
    path("account/children/<str:public_id>/invite/", invitation_pages.ask, name="invite"),
    path("account/children/<str:public_id>/delete/", children_pages.delete, name="child-delete"),
]
