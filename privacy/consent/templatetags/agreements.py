"""Template tags for the lines beside the ticks: their words come from where the records take them."""

from django import template

from privacy.consent.declarations import declaration_text
from privacy.consent.enums import ActingRole, Document

register = template.Library()


@register.simple_tag
def declaration() -> str:
    """The sentence by which a guardian says as whom they act; its id goes into the record."""
    return declaration_text(ActingRole.GUARDIAN_OR_AUTHORISED)


@register.simple_tag
def document_title(document: str) -> str:
    """A document's name as people read it, such as 《隐私政策》."""
    return f"《{Document(document).label}》"
