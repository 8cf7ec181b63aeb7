"""Masks, the record of processing, and the table of what we collect."""

import io
import json
from datetime import date

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from privacy.inventory import registry
from privacy.inventory.declarations import Personal
from privacy.inventory.enums import Erase, Grade, Mask, Sensitive, Shape
from privacy.inventory.grades import GRADES
from privacy.inventory.masking import mask, masked, masked_value
from privacy.inventory.record import SENSITIVE_TITLES, collected_table, processing_record, told
from privacy.keystore.services import destroy_keys
from tests.privacy.scratch import NAME, person


def declared(grade: int, shape: Shape = Shape.TEXT) -> Personal:
    return Personal("x", "x", Grade(grade), "x", "x", Erase.NULL, True, shape=shape)


@pytest.mark.parametrize(
    ("value", "declaration", "seen"),
    [
        ("北京", declared(2), "北京"),
        ("欧阳小满", declared(3), "欧**"),
        ("", declared(3), "**"),
        ("+8613800138000", declared(3, Shape.PHONE), "138****8000"),
        (date(2019, 5, 17), declared(3, Shape.DATE), "2019-**-**"),
        ("0123456789abcdef", declared(3, Shape.INDEX), "•••"),
        ("欧阳小满", declared(4), "•••"),
        (date(2019, 5, 17), declared(4, Shape.DATE), "•••"),
        (None, declared(4), ""),
    ],
)
def test_a_mask_shows_what_the_grade_lets_be_seen(value: object, declaration: Personal, seen: str) -> None:
    assert mask(value, declaration) == seen


def test_higher_grades_show_less() -> None:
    order = [Mask.NONE, Mask.PARTIAL, Mask.FULL]
    shown = [order.index(GRADES[grade].mask) for grade in Grade]
    assert shown == sorted(shown)
    assert [GRADES[grade].sealed for grade in Grade] == [False, False, True, True]


@pytest.mark.clause("L-PP-1-6")
@pytest.mark.django_db(databases="__all__")
@pytest.mark.usefixtures("scratch")
def test_an_admin_column_shows_the_mask(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = person()
    assert masked("phone")(row) == masked_value(row, "phone") == "138****8000"
    assert masked("name")(row) == "欧**"
    with django_assert_num_queries(0, using="keys"):  # what is not shown is not opened
        assert masked("born")(row) == "•••"
    assert masked("second")(row) == ""
    with pytest.raises(ValueError, match="not sealed"):
        masked("note")(row)
    destroy_keys(row.owner_id)
    assert masked("phone")(row) == "•••"


@pytest.mark.clause("L-PP-1-6", "X2-1.7")
def test_every_kind_the_policies_call_sensitive_has_its_name() -> None:
    assert SENSITIVE_TITLES.keys() == set(Sensitive)


@pytest.mark.clause("L-PP-1-6", "X2-1.7")
def test_every_sensitive_field_of_the_product_is_sealed_and_masked() -> None:
    sensitive = [declaration for _, declaration in registry.inventory() if declaration.sensitive]
    assert sensitive
    for declaration in sensitive:
        assert declaration.sealed or declaration.unsealed_because
        assert mask("13800138000", declaration) != "13800138000"


def test_every_number_is_called_sensitive() -> None:
    numbers = [d for _, d in registry.inventory() if d.shape == Shape.PHONE]
    assert numbers
    assert {declaration.sensitive for declaration in numbers} == {Sensitive.NUMBER}


def test_the_record_holds_every_personal_field_once() -> None:
    recorded = [field["id"] for entry in processing_record() for field in entry["fields"]]
    assert sorted(recorded) == sorted(declaration.id for _, declaration in registry.inventory())
    assert all(entry["title"] and entry["basis"] for entry in processing_record())


@pytest.mark.parametrize("how", ["text", "markdown", "json"])
def test_the_record_prints(how: str) -> None:
    out = io.StringIO()
    call_command("privacy_inventory", "--format", how, stdout=out)
    printed = out.getvalue()
    if how == "json":
        assert json.loads(printed) == processing_record()
        return
    for entry in processing_record():
        assert entry["title"] in printed
        for field in entry["fields"]:
            assert field["field"] in printed
            assert field["title"] in printed
            assert field["keep"] in printed
    assert "手机号码" in printed
    assert "短信服务商" in printed


def test_stores_that_are_no_tables_are_recorded_and_told() -> None:
    recorded = {store["title"] for entry in processing_record() for store in entry["stores"]}
    assert recorded == {
        "防滥用的计数",
        "员工登录试错的计数",
        "后台任务的队列",
        "运行日志",
        "信息副本的文件",
        "备份",
    }
    table = " ".join(row["title"] for row in collected_table())
    assert "防滥用的计数" in table
    assert "运行日志" in table
    assert "信息副本的文件" in table
    assert "员工" not in table
    assert "队列" not in table


def test_the_staffs_own_and_digests_stay_out_of_the_parents_table() -> None:
    left_out = {declaration.id for _, declaration in registry.inventory() if not told(declaration)}
    assert left_out == {
        "binding.phone.index",
        "class_change.by",
        "code.phone.index",
        "guardian_invitation.token_hash",
        "code.mac",
        "link.token_hash",
        "package.token_hash",
        "request.receipt_hash",
        "membership.campus",
        "membership.user",
        "session.key",
        "teacher.campus",
        "teacher.stage_name",
        "user.username",
        "user.password",
        "user.is_staff",
        "user.is_superuser",
        "user.groups",
        "user.user_permissions",
    }


def test_children_are_children_until_fifteen_in_the_record_too() -> None:
    assert SENSITIVE_TITLES["child"] == "未满 15 周岁的人的信息"


def test_the_table_of_what_we_collect() -> None:
    rows = collected_table()
    assert all(
        row.keys() == {"title", "purpose", "keep", "sensitive", "sealed", "recipients"} for row in rows
    )
    assert len({(row["title"], row["purpose"], row["keep"]) for row in rows}) == len(rows)
    number = next(row for row in rows if row["title"] == "手机号")
    assert number["sensitive"] is number["sealed"] is True
    assert len(rows) <= 36  # parents read this
    assert not any("摘要" in row["title"] and "检索" in row["title"] for row in rows)
    assert NAME not in json.dumps(rows, ensure_ascii=False)
