"""Template tags about whoever runs the service."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from privacy.consent.operator import OPERATOR

register = template.Library()


@register.simple_tag
def hotline(*, hours: bool = False) -> SafeString:
    """The hotline, to be tapped; with ``hours``, when somebody answers. Needs no request, for error pages."""
    number = format_html(
        '<a class="tel" href="tel:{}">{}</a>{}', OPERATOR.hotline_tel, OPERATOR.hotline, OPERATOR.hotline_note
    )
    return format_html("{}，{}", number, OPERATOR.hours) if hours else number
