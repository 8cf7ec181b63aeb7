"""Words on pages: full-width Chinese punctuation, no promise that may not be made, nobody shouted at."""

import re
from pathlib import Path

import pytest

from tests.website.files import SCRIPTS, TEMPLATES, name

HAN = r"[\u4e00-\u9fff》」）]"
HALF_WIDTH = re.compile(rf"{HAN} ?[,;:!?()](?!\S*=)|{HAN}\.(?!\w)|[,;:!?(]{HAN}")
BANNED = re.compile(
    "最好|第一名|最佳|保证|包会|唯一|国家级|顶级|亲[，,~～]|亲们|限时|仅剩|名额有限|操作失败|非法"
)
# Template code and markup are not words.
CODE = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>|/\*.*?\*/", re.DOTALL)


def words(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    spoken = re.findall(r'(?:content|label|aria-label|data-busy|title)="([^"]*)"', source)
    quoted = re.findall(r'{%[^%]*?"([^"]*[\u4e00-\u9fff][^"]*)"', source)
    return "\n".join([CODE.sub("\n", source), *(CODE.sub("", text) for text in spoken), *quoted])


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS], ids=name)
def test_punctuation_after_chinese_is_full_width(path: Path) -> None:
    assert [match[0] for match in HALF_WIDTH.finditer(words(path))] == []


@pytest.mark.clause("LAW-84")
@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS], ids=name)
def test_no_superlative_promise_or_pressure(path: Path) -> None:
    assert BANNED.findall(words(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_nobody_is_shouted_at(path: Path) -> None:
    assert "！" not in words(path)


def test_lint_finds_what_it_should() -> None:
    for wrong in ("您好,世界", "约好了!", "真的?", "电话:400", "(示例）", "看完.", "《协议》,同意"):
        assert HALF_WIDTH.search(wrong), wrong
    for right in ("您好，世界", "9:30–18:30", "第 1.0 版", "约 1 分钟。", "Cookie, etc.", "邮箱 a@b.cn"):
        assert not HALF_WIDTH.search(right), right
