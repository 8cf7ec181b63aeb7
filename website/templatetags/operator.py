"""Template tags about whoever runs the service, and about those it leads to."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from privacy.consent.operator import operator, operator_at_hand
from website.services.content import SiteLink

register = template.Library()


@register.simple_tag(takes_context=True)
def hotline(context: template.Context, *, hours: bool = False) -> SafeString:
    """The hotline, to be tapped; with ``hours``, when somebody answers.

    Without a request, on pages that say a store is gone, it is the last known and no store is asked.
    """
    known = operator() if "request" in context else operator_at_hand()
    number = format_html(
        '<a class="tel" href="tel:{}">{}</a>{}', known.hotline_tel, known.hotline, known.hotline_note
    )
    return format_html("{}，{}", number, known.hours) if hours else number


@register.simple_tag
def site_link(link: SiteLink) -> SafeString:
    """A link, marked where it leads elsewhere; the bare name where it leads nowhere."""
    if not link.address:
        return format_html("{}", link.name)
    if link.outside:
        return outside_link(link.name, link.address)
    return format_html('<a href="{}">{}</a>', link.address, link.name)


@register.simple_tag
def outside_link(name: str, address: str) -> SafeString:
    """A link to somebody else's site: marked as such, and given no hold of our window (L-PP-3-4)."""
    return format_html(
        '<a href="{}" rel="noopener">{}<span aria-hidden="true"> ↗</span><span class="unseen">{}</span></a>',
        address,
        name,
        _("（外站）"),
    )
