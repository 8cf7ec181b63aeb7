"""Template tags for the lines beside the ticks: their words come from where the records take them."""

from django import template

from privacy.consent.declarations import acting_role_for, declaration_text
from privacy.consent.enums import Document

register = template.Library()


@register.simple_tag
def declaration(document: str = Document.TERMS) -> str:
    """The sentence by which who agrees to ``document`` says as whom they act; its id goes into the record."""
    return declaration_text(acting_role_for(document))


@register.simple_tag
def document_title(document: str) -> str:
    """A document's name as people read it, such as 《隐私政策》."""
    return f"《{Document(document).label}》"
