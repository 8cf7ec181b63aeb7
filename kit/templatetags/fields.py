"""Template tags for forms: error summary, agreement line, single controls, focus."""

from collections.abc import Collection
from typing import Any

from django import forms, template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def autofocused(bound: forms.BoundField) -> SafeString:
    """The field's control, focused when the page opens."""
    return bound.as_widget(attrs={"autofocus": True})


@register.simple_tag
def radio(name: str, value: str, chosen: str) -> SafeString:
    """One radio button, for a list whose rows are more than a label; its id is ``to-<value>``."""
    return _RadioInput(check_test=chosen.__eq__).render(name, value, {"id": f"to-{value}"})


@register.simple_tag
def tick(name: str, value: str, chosen: Collection[str]) -> SafeString:
    """One box to tick, for a list whose rows are more than a label."""
    return forms.CheckboxInput(check_test=chosen.__contains__).render(name, value)


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


class _RadioInput(forms.CheckboxInput):
    """One button of a group: Django draws only whole groups by itself."""

    input_type = "radio"


def _problems(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(id of the control or "", message) in the order of the page."""
    general = [("", str(message)) for message in form.non_field_errors()]
    return general + [(field.id_for_label, str(message)) for field in form for message in field.errors]
