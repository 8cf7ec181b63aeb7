"""Template tags about whoever runs the service: name, hotline, codes to scan."""

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit import qr
from privacy.consent.operator import Operator, operator, operator_at_hand

register = template.Library()


@register.simple_tag(takes_context=True)
def who_runs(context: template.Context) -> Operator:
    """Whoever runs the service.

    Without a request, on pages that say a store is gone, it is the last known and no store is asked.
    """
    return operator() if "request" in context else operator_at_hand()


@register.simple_tag(takes_context=True)
def hotline(context: template.Context, *, hours: bool = False) -> SafeString:
    """The hotline, to be tapped; with ``hours``, when somebody answers and whether somebody does now."""
    known = who_runs(context)
    number = format_html(
        '<a class="tel" href="tel:{}">{}</a>{}', known.hotline_tel, known.hotline, known.hotline_note
    )
    if not hours:
        return number
    said = [known.hours, known.answering(timezone.now())]
    return format_html("{}，{}", number, "，".join(filter(None, said)))


@register.simple_tag
def qr_code(address: str, label: str) -> SafeString:
    """A QR code of an address, read aloud as ``label``. A link or a name stands beside it, for phones."""
    return format_html('<span role="img" aria-label="{}">{}</span>', label, qr.qr_code(address))
