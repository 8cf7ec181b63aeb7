"""What the product declares about its own columns: nothing about a person passes for plain."""

from datetime import timedelta

import pytest

from privacy.inventory import registry
from privacy.inventory.declarations import Plain
from privacy.inventory.enums import Grade, Sensitive
from privacy.inventory.fields import SealedText

# Columns of models about people that say nothing about one: random names, digests, the key store's own.
NOBODYS = {
    "accounts.PhoneBinding.id",
    "accounts.VerificationCode.id",
    "accounts.VerificationCode.challenge",
    "accounts.VerificationCode.subject_id",  # the rolling subject
    "messaging.Message.id",
    "messaging.Message.matter",  # a digest of random names and a time
    "enrollment.TrialBooking.id",
    "enrollment.TrialBooking.public_id",
    "enrollment.TrialBooking.idempotency_key",
    "enrollment.TrialBooking.request_hash",
    "enrollment.TrialBooking.party_place",
    "enrollment.BookingEvent.id",
    "enrollment.ManageLink.id",
    "enrollment.WaitlistEntry.id",
    "enrollment.WaitlistEntry.public_id",
    "enrollment.WaitlistChoice.id",
    "enrollment.ClassChange.id",
    "enrollment.ClassChange.session",  # what was changed; only who changed it is somebody
    "enrollment.ClassChange.at",
    "enrollment.ClassChange.reason",
    "enrollment.ClassChange.old",
    "enrollment.ClassChange.new",
    "consent.ConsentRecord.id",
    "rights.DataSubjectRequest.id",
    "rights.DataSubjectRequest.public_id",
    "rights.DataSubjectRequest.idempotency_key",
    "rights.DataSubjectRequest.calendar_until",  # what the calendar knew when the day was reckoned
    "rights.DataSubjectRequest.warned",  # when staff were last warned
    "rights.RequestedRight.id",
    "rights.RequestEvent.id",
    "rights.Pause.id",
    "rights.Refusal.id",
    "rights.Reply.id",
    "rights.Correction.id",
    "rights.Restriction.id",
    "rights.ExportPackage.id",
    "rights.ExportPackage.leased_until",  # a worker's
    "rights.ExportPackage.attempts",
    "rights.ExportStep.id",
    "rights.ExportStep.area",  # the name of a table
    "rights.ExportStep.position",
    "rights.DownloadTicket.id",
    "courses.CampusMembership.id",
    "courses.Teacher.active",
    "courses.Teacher.id",  # a teacher's own random id
    "minors.Child.public_id",
    "minors.Child.in_doubt_since",
    "minors.Guardianship.id",
    "minors.ChildCorrection.id",
    "minors.GuardianInvitation.id",
    "audit.AuditEvent.seq",
    "audit.AuditEvent.tx",
    "keystore.SubjectKey.id",
    "keystore.SubjectKey.klass",
    "keystore.SubjectKey.gen",
    "keystore.SubjectKey.kek_epoch",
    "erasure.ErasureCertificate.id",
    "erasure.ErasureJob.beat_at",
    "erasure.ErasureJob.id",
    "erasure.ErasureJob.leased_until",
    "erasure.ErasureJob.plan",  # titles, counts and deeds
    "erasure.ErasureRest.id",
    "erasure.ErasureRest.model",
    "erasure.ErasureStep.attempts",
    "erasure.ErasureStep.failure",
    "erasure.ErasureStep.id",
    "erasure.ErasureStep.position",
    "erasure.ErasureSubject.entry",  # a number in the ledger
    "erasure.ErasureSubject.id",
    "erasure.RecipientNotice.id",
    "erasure.RecipientNotice.recipient",  # a registered recipient
    "erasure.Suppression.id",
    "keystore.SubjectKey.burial",
    "keystore.SubjectKey.kek_set",
    "retention.HeldRecord.id",
    "retention.HeldRecord.model",
    "retention.LegalHold.id",
    "retention.LegalHold.may_tell",  # of the authority
    "retention.LegalHold.public_id",
}
SUBJECTS = {
    "accounts.User": "id",
    "accounts.PhoneBinding": "user_id",
    "accounts.VerificationCode": "subject_id",
    "messaging.Message": "subject_id",
    "enrollment.TrialBooking": "guardian_id",
    "enrollment.BookingEvent": "booking.guardian_id",
    "enrollment.ManageLink": "booking.guardian_id",
    "consent.ConsentRecord": "subject_id",
    "rights.DataSubjectRequest": "subject_id",
    "rights.RequestedRight": "request.subject_id",
    "rights.RequestEvent": "request.subject_id",
    "rights.Pause": "request.subject_id",
    "rights.Refusal": "right.request.subject_id",
    "rights.Reply": "request.subject_id",
    "rights.Correction": "request.subject_id",
    "rights.Restriction": "subject_id",
    "rights.ExportPackage": "request.subject_id",
    "rights.ExportStep": "package.request.subject_id",
    "rights.DownloadTicket": "package.request.subject_id",
    "courses.CampusMembership": "user_id",
    "courses.Teacher": "id",
    "minors.Child": "id",
    "minors.Guardianship": "guardian_id",
    "minors.ChildCorrection": "child_id",
    "minors.GuardianInvitation": "invited_by",
    "enrollment.WaitlistEntry": "guardian_id",
    "enrollment.WaitlistChoice": "entry.guardian_id",
    "enrollment.ClassChange": "by_id",
    "audit.AuditEvent": "subject_id",
    "keystore.SubjectKey": "subject",
    "accounts.Session": "account_id",
    "erasure.ErasureJob": "subject_id",
    "erasure.ErasureSubject": "job.subject_id",
    "erasure.ErasureStep": "job.subject_id",
    "erasure.ErasureRest": "job.subject_id",
    "erasure.RecipientNotice": "job.subject_id",
    "erasure.ErasureCertificate": "job.subject_id",
    "erasure.Suppression": "alias",
    "retention.LegalHold": "subject_id",
    "retention.HeldRecord": "hold.subject_id",
}


def about_people() -> list[type]:
    declared = [model for model in registry.models() if not model._meta.auto_created]
    return [model for model in declared if registry.personal_fields(model)]


@pytest.mark.clause("L-PP-1-5")
def test_every_model_about_people_leads_to_them() -> None:
    assert {model._meta.label: registry.subject_path(model) for model in about_people()} == SUBJECTS


@pytest.mark.clause("L-PP-1-5")
def test_in_models_about_people_only_random_names_and_digests_are_plain() -> None:
    plain = {
        f"{model._meta.label}.{field.name}"
        for model in about_people()
        for field in registry.fields_of(model)
        if isinstance(registry.declaration_of(field), Plain)
    }
    assert plain == NOBODYS


def test_credentials_are_sensitive_and_guarded() -> None:
    declared = {declaration.id: declaration for _, declaration in registry.inventory()}
    for name in ("user.password", "code.mac", "code.code", "session.key", "session.data", "link.token_hash"):
        assert declared[name].sensitive == Sensitive.ACCOUNT
        assert declared[name].grade >= Grade.THREE
        assert declared[name].sealed or declared[name].unsealed_because


def test_what_was_said_hangs_on_a_key_of_its_own() -> None:
    classes = {declaration.id: declaration.klass for _, declaration in registry.inventory()}
    assert classes["message.parameters"] == "message"
    assert classes["binding.phone"] == classes["binding.phone.index"] == "core"


def test_an_unknown_class_of_keys_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="cor"):
        SealedText("x", "x", why="x", keep="x", grade=3, klass="cor")


def test_law_keeps_bookings_deeds_and_proofs_of_consent_three_years() -> None:
    for name in ("trial", "consent_proof", "audit"):
        keep = registry.keeps[name]
        assert keep.floor == timedelta(days=3 * 365 + 1)
        assert keep.ceiling is not None
        assert timedelta(0) < keep.ceiling - keep.floor <= timedelta(days=31)


def test_the_proof_of_a_standing_consent_never_runs_out() -> None:
    assert registry.keeps["consent_proof"].start == "consent withdrawn or account closed"


def test_counters_are_gone_within_a_day() -> None:
    for name in ("redis.limits", "redis.staff_limits", "redis.queue"):
        assert registry.keeps[registry.stores[name].keep].ceiling == timedelta(hours=24)
