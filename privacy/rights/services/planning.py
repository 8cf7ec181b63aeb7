"""Which plan of a deletion was listed last: an officer approves exactly that."""

from privacy.rights.models import DataSubjectRequest

LISTED = "plan_listed"


def digest_listed(request: DataSubjectRequest) -> str:
    """The digest of the plan last listed for a request, or nothing."""
    last = request.events.filter(what=LISTED).order_by("at", "pk").last()
    return last.note if last else ""
