"""Waits until a worker has sent all there is, and says how many in which time: `-m bench.outbox`."""

import json
import sys
import time

import django

_PATIENCE = 300.0  # seconds

if __name__ == "__main__":
    django.setup()

    from django.db.models import Max, Min
    from django.utils import timezone

    from messaging.enums import MessageState
    from messaging.models import Message

    began, ends = timezone.now(), time.monotonic() + _PATIENCE
    waiting = Message.objects.filter(
        state__in=[MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING]
    )
    while waiting.filter(due_at__lte=began).exists() and time.monotonic() < ends:
        time.sleep(0.2)
    sent = Message.objects.filter(state=MessageState.SENT, finished_at__gte=began)
    span = sent.aggregate(first=Min("finished_at"), last=Max("finished_at"))
    seconds = (span["last"] - span["first"]).total_seconds()
    sys.stdout.write(json.dumps({"sent": sent.count(), "seconds": seconds}))
