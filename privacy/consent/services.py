"""Publishing documents, finding the one in force, and recording what people agreed to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record
from privacy.consent.declarations import declaration_shown
from privacy.consent.documents import ANNOUNCED_BEFORE, EDITIONS, LANGUAGE, Edition
from privacy.consent.enums import ActingRole, Channel, ConsentPurpose, ConsentState, Document
from privacy.consent.exceptions import AgreementsRequired, DocumentStale, DocumentUnknown, EditionRefused
from privacy.consent.models import ConsentNotice, ConsentRecord
from privacy.consent.operator import operator

REQUIRED_TO_BOOK = (Document.TERMS, Document.PRIVACY)


@dataclass(frozen=True, kw_only=True)
class Published:
    """What publishing did."""

    published: int
    unchanged: int

    def __str__(self) -> str:
        return f"documents: {self.published} published, {self.unchanged} unchanged"


def current_notices() -> list[ConsentNotice]:
    """The version in force of each document, in the order people meet them, without texts; one query."""
    in_force = {notice.document: notice for notice in ConsentNotice.objects.in_force().defer("html")}
    return [in_force[document] for document in Document.values if document in in_force]


def current_versions() -> dict[str, str]:
    """The version in force of each document that booking and registering need."""
    return {
        notice.document: notice.version for notice in current_notices() if notice.document in REQUIRED_TO_BOOK
    }


def notice(document: str) -> ConsentNotice:
    """The version of ``document`` in force today, with its text. Raises DocumentUnknown."""
    found = ConsentNotice.objects.in_force().filter(document=document).first()
    if found is None:
        raise DocumentUnknown(document)
    return found


@transaction.atomic
def record_consents(
    *,
    subject: UUID,
    agreements: Mapping[str, str],
    channel: Channel,
    acting_role: ActingRole,
    by: Actor,
    required: Collection[str] = REQUIRED_TO_BOOK,
) -> list[ConsentRecord]:
    """Record one agreement per document in the caller's transaction; ``agreements`` maps document to version.

    Agreeing to one document never counts for another (L-UA-8-2), and a yes to the children's rules counts for
    one child: it is left to `agree_for_child`. Raises AgreementsRequired when a document of ``required`` is
    not among them, DocumentUnknown, and DocumentStale when a version is not the one in force.
    """
    for_adults = {name: version for name, version in agreements.items() if name != Document.CHILDREN}
    notices = _agreed_notices(for_adults, required)
    now = timezone.now()
    records = ConsentRecord.objects.bulk_create(
        ConsentRecord(
            subject_id=subject,
            notice=agreed,
            purpose=ConsentPurpose(agreed.document),
            state=ConsentState.GIVEN,
            at=now,
            channel=channel,
            acting_role=acting_role,
            declaration=declaration_shown(acting_role),
        )
        for agreed in notices
    )
    for kept in records:
        _note(kept, by)
    return records


@transaction.atomic
def agree_for_child(
    *, subject: UUID, child_id: UUID, agreements: Mapping[str, str], channel: Channel, by: Actor
) -> ConsentRecord:
    """The guardian's yes to the children's rules for one child: the one that stands, or else recorded now.

    In the caller's transaction. Raises AgreementsRequired when the rules are not among ``agreements``, and
    DocumentStale when their version is not the one in force.
    """
    given = {name: version for name, version in agreements.items() if name == Document.CHILDREN}
    [rules] = _agreed_notices(given, (Document.CHILDREN,))
    standing = _standing_for(subject, child_id)
    if standing and standing.state == ConsentState.GIVEN and standing.notice_id == rules.pk:
        return standing
    return _decide(ConsentState.GIVEN, rules, subject, child_id, channel, by)


@transaction.atomic
def refuse_for_children(*, subject: UUID, channel: Channel, by: Actor) -> ConsentRecord:
    """The guardian's no to keeping anything of a child: the one that stands, or else recorded now.

    In the caller's transaction.
    """
    decided = ConsentRecord.objects.filter(subject_id=subject, purpose=ConsentPurpose.CHILDREN)
    newest = decided.order_by("-at", "-id").first()
    if newest and newest.state == ConsentState.REFUSED:
        return newest
    rules = ConsentNotice.objects.in_force().filter(document=Document.CHILDREN).defer("html").get()
    return _decide(ConsentState.REFUSED, rules, subject, None, channel, by)


@transaction.atomic
def withdraw_for_child(*, subject: UUID, child_id: UUID, channel: Channel, by: Actor) -> None:
    """Record that the guardian takes a yes for a child back; where none stands, nothing."""
    standing = _standing_for(subject, child_id)
    if standing and standing.state == ConsentState.GIVEN:
        _decide(ConsentState.WITHDRAWN, standing.notice, subject, child_id, channel, by)


def agreed_for(*, subject: UUID, children: Collection[UUID] | None = None) -> set[UUID]:
    """The children, or those of ``children``, for whom this guardian's yes stands, whichever the version."""
    decided = ConsentRecord.objects.newest_decisions(subject=subject).filter(concerning_id__isnull=False)
    if children is not None:
        decided = decided.filter(concerning_id__in=children)
    made = decided.values_list("concerning_id", "state")
    return {child for child, state in made if child and state == ConsentState.GIVEN}


def who_agreed(*, children: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Whose yes stands for each of ``children``, whichever the version of the rules."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    decided = ConsentRecord.objects.standing_about(children)
    for child, guardian, state in decided.values_list("concerning_id", "subject_id", "state"):
        if child and state == ConsentState.GIVEN:
            found[child].add(guardian)
    return found


def _standing_for(subject: UUID, child_id: UUID) -> ConsentRecord | None:
    return ConsentRecord.objects.standing(subject=subject).filter(concerning_id=child_id).first()


def _decide(
    state: ConsentState,
    rules: ConsentNotice,
    subject: UUID,
    child_id: UUID | None,
    channel: Channel,
    by: Actor,
) -> ConsentRecord:
    kept = ConsentRecord.objects.create(
        subject_id=subject,
        concerning_id=child_id,
        notice=rules,
        purpose=ConsentPurpose.CHILDREN,
        state=state,
        at=timezone.now(),
        channel=channel,
        acting_role=ActingRole.GUARDIAN,
        declaration=declaration_shown(ActingRole.GUARDIAN),
    )
    _note(kept, by)
    return kept


def _note(kept: ConsentRecord, by: Actor) -> None:
    decided = kept.notice
    record(
        f"consent.{kept.state}",
        by=by,
        subject=kept.subject_id,
        target=kept,
        detail={"document": decided.document, "version": decided.version, "channel": kept.channel},
    )


def _agreed_notices(agreements: Mapping[str, str], required: Collection[str]) -> list[ConsentNotice]:
    missing = [
        document for document in Document.values if document in required and document not in agreements
    ]
    if missing:
        raise AgreementsRequired(missing)
    in_force = {notice.document: notice for notice in current_notices()}
    for document, version in agreements.items():
        if document not in in_force:
            raise DocumentUnknown(document)
        if in_force[document].version != version:
            raise DocumentStale(document)
    return [in_force[document] for document in Document.values if document in agreements]


def has_agreed(*, subject: UUID, document: str, child_id: UUID | None = None) -> bool:
    """Whether the person's standing decision is a yes to the version of ``document`` in force today.

    To the children's rules one agrees for one child, ``child_id``, at a time.
    """
    decisions = ConsentRecord.objects.standing(subject=subject)
    decision = decisions.filter(purpose=document, concerning_id=child_id).first()
    return (
        decision is not None
        and decision.state == ConsentState.GIVEN
        and decision.notice_id == notice(document).pk
    )


def agreed_documents(*, subject: UUID) -> set[str]:
    """The documents to whose version in force today the person's standing decision is a yes; one query."""
    in_force = ConsentNotice.objects.in_force().values("pk")
    decided = ConsentRecord.objects.newest_decisions(subject=subject)
    standing = decided.annotate(current=Q(notice__in=in_force)).values_list("purpose", "state", "current")
    return {purpose for purpose, state, current in standing if current and state == ConsentState.GIVEN}


@transaction.atomic
def load_documents(*, editions: Sequence[Edition] = EDITIONS) -> Published:
    """Publish the editions that are not published yet. Running it again changes nothing.

    Raises EditionRefused when the newest edition of a document is already published with another text.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('consent.load_documents'))")
    newest = {edition.document: edition for edition in editions}
    published = 0
    for edition in editions:
        stored = ConsentNotice.objects.of(edition.document).filter(version=edition.version).first()
        if stored is None:
            _publish(edition)
            published += 1
        elif edition is newest[edition.document]:
            _check_unchanged(edition, stored)
    return Published(published=published, unchanged=len(editions) - published)


def _publish(edition: Edition) -> None:
    """Store the edition. Where people may have agreed to an earlier one, it applies a week from today."""
    told = operator().told()
    html = edition.render(told)
    published, effective = edition.published_on, edition.effective_on
    earlier = ConsentNotice.objects.of(edition.document).first()
    if earlier is not None:
        published = timezone.localdate()
        effective = max(effective, published + ANNOUNCED_BEFORE, earlier.effective_at + timedelta(days=1))
    stored = ConsentNotice.objects.create(
        document=edition.document,
        version=edition.version,
        language=LANGUAGE,
        title=edition.title,
        scope=edition.scope,
        rank=edition.rank,
        html=html,
        told=told,
        sha256=hash_of(html),
        published_at=published,
        effective_at=effective,
    )
    record(
        "document.published",
        by=SYSTEM,
        target=stored,
        detail={"document": stored.document, "version": stored.version},
    )


def _check_unchanged(edition: Edition, stored: ConsentNotice) -> None:
    if hash_of(edition.render(stored.told)) != stored.sha256:
        raise EditionRefused(
            f"{edition.document} {edition.version} is published with another text, and published texts stay. "
            "Publish a new version, as privacy/consent/documents.py says. (Where nobody agreed to it yet, as "
            "on a development machine, the home may be deleted instead.)"
        )


def hash_of(html: str) -> str:
    """SHA-256 of a text as shown, in lower-case hexadecimal."""
    return sha256(html.encode()).hexdigest()
