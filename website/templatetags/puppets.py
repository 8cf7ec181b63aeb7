"""Template tags that draw paper puppets and their stage."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from website.puppets import figure, stage_figures, troupe_figures

register = template.Library()


@register.simple_tag
def puppet(seed: object, programme: str) -> SafeString:
    """One puppet, for decoration only: readers aloud pass over it."""
    shapes = mark_safe(figure(seed, programme))  # noqa: S308  our own constants; the seed only chooses
    return format_html(
        '<svg class="puppet" viewBox="0 0 96 96" width="72" height="72" aria-hidden="true">{}</svg>',
        shapes,
    )


@register.simple_tag
def stage(seed: object, label: str = "三个纸偶小朋友站在小舞台上") -> SafeString:
    """A little theatre with three puppets, read aloud as ``label``."""
    shapes = mark_safe(stage_figures(seed))  # noqa: S308  our own constants; the seed only chooses
    return format_html(
        '<svg class="stage" viewBox="0 0 360 200" width="360" height="200" role="img" aria-label="{}">'
        "{}</svg>",
        label,
        shapes,
    )


@register.simple_tag
def troupe(seed: object) -> SafeString:
    """The front row of a theatre with three puppets: the same troupe for the same seed. Decoration."""
    shapes = mark_safe(troupe_figures(seed))  # noqa: S308  our own constants; the seed only chooses
    return format_html(
        '<svg class="troupe" viewBox="0 0 360 100" width="360" height="100" aria-hidden="true">{}</svg>',
        shapes,
    )
