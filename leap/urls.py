"""Every address, in the order of the journeys."""

from django.contrib import admin
from django.urls import include, path

from accounts import api as accounts_api
from accounts import consents_api
from courses import api as courses_api
from enrollment import api as enrollment_api
from enrollment import children_api, class_api, code_api, invitation_api, waiting_api
from leap import health
from privacy.consent import api as consent_api
from website import api_docs
from website.desk_urls import retention
from website.rights_api import consents, package, requests

api = [
    path("cities/", courses_api.CityList.as_view()),
    path("cities/<slug:slug>/campuses/", courses_api.CampusList.as_view()),
    path("programmes/", courses_api.ProgrammeList.as_view()),
    path("courses/", courses_api.CourseList.as_view()),
    path("class-sessions/", class_api.ClassSessions.as_view()),
    path("documents/", consent_api.DocumentList.as_view()),
    path("verification-codes/", code_api.AskForCodeAndHold.as_view()),
    path("trial-bookings/", enrollment_api.TrialBookings.as_view()),
    path("trial-bookings/<str:public_id>/", enrollment_api.TrialBookingDetail.as_view()),
    path("trial-bookings/<str:public_id>/cancel/", enrollment_api.CancelTrialBooking.as_view()),
    path("trial-bookings/<str:public_id>/reschedule/", enrollment_api.RescheduleTrialBooking.as_view()),
    path("waitlist-entries/", waiting_api.WaitlistEntries.as_view()),
    path("waitlist-entries/<str:public_id>/", waiting_api.OneWaitlistEntry.as_view()),
    path("waitlist-entries/<str:public_id>/accept/", waiting_api.AcceptOffer.as_view()),
    path("login/", accounts_api.Login.as_view()),
    path("logout/", accounts_api.Logout.as_view()),
    path("me/", accounts_api.Me.as_view()),
    path("consents/", consents_api.Consents.as_view()),
    path("consents/<str:purpose>/withdraw/", consents.WithdrawConsent.as_view()),
    path("data-subject-requests/", requests.Requests.as_view()),
    path("data-subject-requests/<str:public_id>/", requests.OneRequest.as_view()),
    path("data-subject-requests/<str:public_id>/package/", package.Package.as_view()),
    path("data-subject-requests/<str:public_id>/certificate/", requests.Certificate.as_view()),
    path("children/", children_api.Children.as_view()),
    path("children/<str:public_id>/", children_api.OneChild.as_view()),
    path("children/<str:public_id>/invitation/", invitation_api.ChildInvitation.as_view()),
    path("guardian-invitations/accept/", invitation_api.AcceptInvitation.as_view()),
]

urlpatterns = [
    path("", include("website.urls")),
    path("", include("enrollment.urls")),
    path("account/", include("accounts.urls")),
    path("legal/", include("privacy.consent.urls")),
    path("", include("privacy.rights.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", api_docs.schema, name="schema"),
    path("api/docs/", api_docs.docs, name="api_docs"),
    path("staff/", include("enrollment.desk_urls")),
    path("staff/", include("website.desk_urls")),
    path("staff/retention/", include(retention)),
    path("staff/", admin.site.urls),
    path("dev/", include("messaging.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]

handler400 = "leap.errors.bad_request"
handler403 = "leap.errors.forbidden"
handler404 = "leap.errors.not_found"
handler500 = "leap.errors.server_error"
