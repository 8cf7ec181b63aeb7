"""Cells that a spreadsheet shows and does not compute."""

import pytest

from kit.csv_cells import safe_cell


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "  ="])
def test_what_reads_as_a_formula_is_quoted(first: str) -> None:
    assert safe_cell(f"{first}1+1") == f"'{first}1+1"


@pytest.mark.parametrize("text", ["", "小豆包", "a=1", "1-2", "'=1", "https://example.org/?a=@"])
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text
