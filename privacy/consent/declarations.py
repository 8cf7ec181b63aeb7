"""The sentences by which people say as whom they act. A record names the one shown; none is ever reworded."""

from typing import Any

from privacy.consent.enums import ActingRole, Document
from privacy.inventory.telling import Reader

# Another wording is another entry with the next number; the old one stays for the records that name it.
DECLARATIONS: dict[str, str] = {
    "guardian_or_authorised.1": "我已满 18 周岁，是孩子的监护人，或者得到了监护人的许可",
    "guardian.1": "我是这个孩子的监护人",
}
_SHOWN = {
    ActingRole.GUARDIAN_OR_AUTHORISED: "guardian_or_authorised.1",
    ActingRole.GUARDIAN: "guardian.1",
}


def acting_role_for(document: str) -> ActingRole:
    """As whom one agrees to ``document``: to the children's rules as the guardian and nobody else."""
    return ActingRole.GUARDIAN if document == Document.CHILDREN else ActingRole.GUARDIAN_OR_AUTHORISED


def declaration_shown(acting_role: ActingRole) -> str:
    """The id of the sentence forms show today to who acts in ``acting_role``."""
    return _SHOWN[acting_role]


def as_declared(value: str, row: Any, reader: Reader) -> str:
    """The sentence that a record names, for whoever reads the record."""
    return DECLARATIONS.get(value, value)


def declaration_text(acting_role: ActingRole) -> str:
    """The sentence itself, for the label beside the tick."""
    return DECLARATIONS[declaration_shown(acting_role)]
