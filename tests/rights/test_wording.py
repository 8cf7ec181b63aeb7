"""The words of replies: one for each kind, nothing promised that is not done, nothing with a price."""

import re

import pytest

from privacy.consent.operator import SEED
from privacy.rights.enums import RefusalCode, RequestKind
from privacy.rights.models.requests import WORDS
from privacy.rights.wording import (
    AGREED_AGAIN,
    BLANK,
    GRANTED,
    GROUNDS,
    NOT_GRANTED,
    NOTHING_HELD,
    QUESTIONS,
    WITHDRAWN,
    refused_in_words,
    remedies,
)
from tests.website.test_copy import BANNED, HALF_WIDTH

EVERYTHING = [
    *GRANTED.values(),
    *QUESTIONS.values(),
    *(ground.begins for ground in GROUNDS.values()),
    *(ground.must_say for ground in GROUNDS.values()),
    NOT_GRANTED,
    NOTHING_HELD,
    WITHDRAWN,
    AGREED_AGAIN,
]


def test_every_kind_of_request_has_a_reply_to_begin_with() -> None:
    assert set(GRANTED) == set(RequestKind)


@pytest.mark.parametrize("text", EVERYTHING)
def test_the_words_are_as_on_pages(text: str) -> None:
    assert "！" not in text
    assert not BANNED.search(text)
    assert not [match[0] for match in HALF_WIDTH.finditer(text) if "GB/T" not in text]


@pytest.mark.clause("X2-5.8c")
def test_nothing_costs_anything() -> None:
    assert "不收费" in remedies(SEED)
    assert not [text for text in EVERYTHING if re.search("收取|费用|元", text)]


@pytest.mark.clause("X2-11.3")
def test_the_remedies_are_those_outside_and_the_department_s_own() -> None:
    text = remedies(SEED)
    said = (SEED.privacy_department, SEED.privacy_phone, SEED.privacy_mail, SEED.privacy_hours)
    for way in (*said, SEED.contact_address, "12377", "12345", "人民法院"):
        assert way in text
    assert len(text) <= WORDS


@pytest.mark.parametrize("code", RefusalCode)
def test_a_clause_fits_where_it_is_kept_and_names_its_source(code: RefusalCode) -> None:
    for clause in GROUNDS[code].clauses:
        assert len(clause) <= 80
        assert re.match("《.+》", clause)


def test_a_refusal_reads_as_a_whole() -> None:
    text = refused_in_words(
        kind=RequestKind.ERASE,
        code=RefusalCode.LEGAL_HOLD,
        clause="《数据安全法》第三十五条",
        reason="公安机关依法要求保存。",
    )
    assert text == (
        "“删除”不能办。理由：机关依法要求保存。公安机关依法要求保存。\n依据：《数据安全法》第三十五条。"
    )


def test_a_blank_is_found() -> None:
    assert BLANK.search(GRANTED[RequestKind.QUESTION])
    assert BLANK.search("【接收方】")
    assert not BLANK.search(GRANTED[RequestKind.ACCESS])
