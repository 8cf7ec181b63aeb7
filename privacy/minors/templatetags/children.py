"""Template tags for what guardians are told before they say anything about a child."""

from typing import Any

from django import template

from privacy.inventory.record import told_for_consent

register = template.Library()


@register.simple_tag
def children_told() -> list[dict[str, Any]]:
    """What may be kept about a child: purpose, time limit, and each field with why it is needed."""
    return told_for_consent("child")
