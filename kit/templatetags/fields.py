"""Template tags for forms: error summary, agreement line, focus."""

from typing import Any

from django import forms, template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def autofocused(bound: forms.BoundField) -> SafeString:
    """The field's control, focused when the page opens."""
    return bound.as_widget(attrs={"autofocus": True})


@register.filter
def error_count(form: forms.BaseForm | None) -> int:
    """How many messages the form shows; 0 for an unbound form or none."""
    return sum(len(messages) for messages in form.errors.values()) if form is not None else 0


@register.inclusion_tag("components/error_summary.html")
def error_summary(*shown: forms.BaseForm | None) -> dict[str, Any]:
    """Every message of the forms given, each leading to its field; nothing when there is none."""
    problems = [problem for form in shown if form is not None for problem in _problems(form)]
    return {"problems": problems, "fields": any(target for target, _message in problems)}


@register.simple_block_tag
def agreement(content: str, bound: forms.BoundField) -> SafeString:
    """A box to tick whose label, links included, is written between the tags."""
    label = mark_safe(content)  # noqa: S308  rendered by the template engine, which escaped what is not markup
    return render_to_string("components/checkbox.html", {"field": bound, "label": label})


def _problems(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(id of the control or "", message) in the order of the page."""
    general = [("", str(message)) for message in form.non_field_errors()]
    return general + [(field.id_for_label, str(message)) for field in form for message in field.errors]
