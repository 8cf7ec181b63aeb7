"""The demo inbox: what a phone would show, where no phone is."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kit.phone import PhoneInvalid, mask, normalise
from messaging.inbox import newest_messages, read_inbox
from messaging.models import Message
from messaging.services import text_of
from privacy import ports
from privacy.keystore.exceptions import SealError


def _only_in_demo() -> None:
    if settings.HTTPS or settings.SMS_GATEWAY not in settings.DEMO_GATEWAYS:
        raise Http404


@require_GET
def inbox_json(request: HttpRequest) -> HttpResponse:
    """The messages of one number, newest first: ``[{at, text, code}]``."""
    _only_in_demo()
    try:
        number = normalise(request.GET.get("phone", ""))
    except PhoneInvalid:
        return JsonResponse([], safe=False)
    rows = [_shown(message) for message in read_inbox(number=number)]
    shown = [{"at": row["at"].isoformat(), "text": row["text"], "code": row["code"]} for row in rows]
    return JsonResponse(shown, safe=False, json_dumps_params={"ensure_ascii": False})


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest messages to anybody, numbers masked."""
    _only_in_demo()
    return render(
        request, "messaging/dev_inbox.html", {"messages": [_shown(each) for each in newest_messages()]}
    )


def _shown(message: Message) -> dict[str, Any]:
    """A message in words, whatever has become of its keys."""
    try:
        number = ports.get("address_of").number_of(message.recipient_kind, message.recipient_id)
        text, code = text_of(message)
    except SealError:
        number, text, code = None, _("（内容已经读不出来了）"), None
    return {"at": message.created_at, "number": mask(number) if number else "—", "text": text, "code": code}
