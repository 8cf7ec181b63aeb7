"""A question to the person: the clock waits for the answer, and for nothing else."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.rights.enums import RequestState
from privacy.rights.exceptions import RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest, Pause
from privacy.rights.models.requests import WORDS
from privacy.rights.policies import require_staff, require_theirs
from privacy.rights.services.notices import tell
from privacy.rights.services.proving import is_proved_enough
from privacy.rights.services.reckoning import resume
from privacy.rights.services.steps import happened, held, step
from privacy.rights.wording import BLANK


@transaction.atomic
def ask_back(*, request: DataSubjectRequest, question: str, by: Actor) -> Pause:
    """Ask the person what we cannot do without; one question at a time.

    Raises RequestRefused for a question that asks nothing, RequestMoved where none can be asked,
    NotEntitled.
    """
    require_staff(by)
    row = held(request.pk)
    text = question.strip()
    if not text or BLANK.search(text) or len(text) > WORDS:
        raise RequestRefused("question", _("请写要问的话，最多 %d 个字，把【】换成具体的内容") % WORDS)
    step(row, RequestState.NEED_INFO, by=by)
    pause = Pause.objects.create(request=row, question=text)
    record("request.asked_back", by=by, subject=row.subject_id, target=pause)
    tell(row, "rights_question")
    return pause


@transaction.atomic
def answer(*, request: DataSubjectRequest, answer: str, by: Actor) -> DataSubjectRequest:
    """The person's answer; the clock goes on, and so do we.

    Raises RequestUnknown where it is not theirs to answer, RequestRefused for an empty one, RequestMoved
    where nothing is asked any more.
    """
    row = held(request.pk)
    require_theirs(row, by)
    text = answer.strip()
    if not text or len(text) > WORDS:
        raise RequestRefused("answer", _("请写您的回答，最多 %d 个字") % WORDS)
    if row.state != RequestState.NEED_INFO:
        raise RequestMoved(row.state)
    end_pause(row, answer=text)
    happened(row, "answered", by=by)
    record("request.answered_back", by=by, subject=row.subject_id, target=row)
    step(row, RequestState.ACCEPTED if is_proved_enough(row) else RequestState.VERIFYING, by=by)
    resume(request=row, at=timezone.now())
    return row


def end_pause(row: DataSubjectRequest, *, answer: str | None = None) -> None:
    """Wait for the person no longer, answered or not; the request is held."""
    pause = row.pauses.filter(answered_at=None).first()
    if pause is not None:
        pause.answer, pause.answered_at = answer, timezone.now()
        pause.save(update_fields=["answer", "answered_at"])
