"""Cells of a table that people open in a spreadsheet."""

# What a spreadsheet takes for the beginning of a formula; the wide ones where East Asian versions do.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BOM = "\ufeff"  # without it Excel reads UTF-8 as the system's old encoding


def safe_cell(text: str) -> str:
    """``text``, behind an apostrophe where a spreadsheet would compute with it (CWE-1236)."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
