"""One cell, one value: every field type, as clerks write it."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from ingest.cells import Cell
from ingest.codes import uscc_check_character
from ingest.forms import Field, load_forms
from ingest.parsed import Context
from ingest.values import PARSERS, is_period, parser_for
from tests.support.workbooks import COMMUNITY, DISTRICT, REGISTERS, STREET, valid_uscc

CONTEXT = Context(REGISTERS, period_year=2025)


def read(
    kind: str, cell: Cell, code_list: str | None = None, name: str = "x", factor: int = 1
) -> tuple[Any, str | None]:
    """(value, issue code) of one cell of a field of type ``kind``."""
    field = Field(name, "栏目", kind, False, code_list, (), "none")
    value, issue, _ = parser_for(field, factor)(cell, CONTEXT)
    return value, issue


NOTE = "value_repaired"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (12.0, (12, None)),
        ("12", (12, None)),
        ("12人", (12, NOTE)),
        ("１２", (12, NOTE)),
        ("1,200", (1200, NOTE)),
        ("1，200人次", (1200, NOTE)),
        ("十二", (12, NOTE)),
        ("一百二十三人", (123, NOTE)),
        ("两百", (200, NOTE)),
        ("约50", (50, "value_estimated")),
        ("50余人", (50, "value_estimated")),
        ("2万", (20000, NOTE)),
        ("1.2万人次", (12000, NOTE)),
        ("12\u200b", (12, NOTE)),
        ("无", (0, NOTE)),
        ("—", (None, None)),
        ("/", (None, None)),
        ("暂无", (0, NOTE)),
        (12.5, (None, "count_invalid")),
        ("12.5", (None, "count_invalid")),
        ("1e5", (None, "count_invalid")),
        ("10-20", (None, "count_invalid")),
        ("12,00", (None, "count_invalid")),
        ("很多", (None, "count_invalid")),
        (1e12, (None, "count_invalid")),
        (True, (None, "count_invalid")),
        (date(2025, 1, 12), (None, "count_invalid")),
        (-1.0, (None, "negative_value")),
        ("-3人", (None, "negative_value")),
    ],
)
def test_counts(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("count", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (36.5, (Decimal("36.5"), None)),
        ("36.5平方米", (Decimal("36.5"), NOTE)),
        ("９５％", (Decimal("95"), NOTE)),
        (0.1 + 0.2, (Decimal("0.3"), None)),
        (1 / 3, (Decimal("0.3333"), None)),
        ("无", (None, None)),
        ("大", (None, "decimal_invalid")),
        (1e15, (None, "decimal_invalid")),
        (-0.5, (None, "negative_value")),
    ],
)
def test_decimals(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("decimal", cell) == expected


@pytest.mark.parametrize(
    ("cell", "factor", "expected"),
    [
        (20000.0, 1, (Decimal("20000.00"), None)),
        (2.0, 10000, (Decimal("20000.00"), None)),
        ("2万元", 1, (Decimal("20000.00"), NOTE)),
        ("2万元", 10000, (Decimal("20000.00"), NOTE)),
        ("500元", 10000, (Decimal("500.00"), NOTE)),
        ("¥20,000.00", 1, (Decimal("20000.00"), NOTE)),
        ("￥２００００元整", 1, (Decimal("20000.00"), NOTE)),
        ("两万元", 1, (Decimal("20000.00"), NOTE)),
        (1.005, 1, (Decimal("1.01"), None)),
        ("面议", 1, (None, "money_invalid")),
        (9e13, 1, (None, "money_invalid")),
        ("-100", 1, (None, "negative_value")),
        ("无", 1, (None, None)),
    ],
)
def test_money_is_in_yuan(cell: Cell, factor: int, expected: tuple[Any, str | None]) -> None:
    assert read("money", cell, factor=factor) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (date(2014, 7, 3), (date(2014, 7, 3), None)),
        (datetime(2014, 7, 3, 9, 30), (date(2014, 7, 3), None)),
        ("2014-07-03", (date(2014, 7, 3), None)),
        ("2014/7/3", (date(2014, 7, 3), None)),
        ("2014-07-03 09:30:00", (date(2014, 7, 3), None)),
        ("2014.7.3", (date(2014, 7, 3), NOTE)),
        ("2014年7月3日", (date(2014, 7, 3), NOTE)),
        ("２０１４年７月３日", (date(2014, 7, 3), NOTE)),
        ("二〇一四年十二月二十三日", (date(2014, 12, 23), NOTE)),
        ("20140703", (date(2014, 7, 3), NOTE)),
        (20140703.0, (date(2014, 7, 3), NOTE)),
        ("14-7-3", (date(2014, 7, 3), NOTE)),
        (41823.0, (date(2014, 7, 3), NOTE)),
        ("41823", (date(2014, 7, 3), NOTE)),
        ("7月3日", (date(2025, 7, 3), NOTE)),
        ("4月5日-6日", (date(2025, 4, 5), NOTE)),
        ("2014年7月3日（星期四）", (date(2014, 7, 3), NOTE)),
        ("2014年7月3日上午9时", (date(2014, 7, 3), NOTE)),
        ("—", (None, None)),
        ("2014-02-30", (None, "date_impossible")),
        ("2月30日", (None, "date_impossible")),
        ("1900-01-01", (None, "date_impossible")),
        (date(1904, 1, 1), (None, "date_impossible")),
        ("2013.10", (None, "date_invalid")),
        ("2014年7月", (None, "date_invalid")),
        (2013.1, (None, "date_invalid")),
        (2014.0, (None, "date_invalid")),
        ("上周", (None, "date_invalid")),
        (True, (None, "date_invalid")),
        (time(9, 30), (None, "date_invalid")),
    ],
)
def test_dates_are_read_and_no_day_is_invented(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("date", cell) == expected


def test_a_date_without_year_needs_a_period() -> None:
    field = Field("x", "栏目", "date", False, None, (), "none")
    assert parser_for(field)("7月3日", Context(REGISTERS))[:2] == (None, "date_invalid")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (2025.0, (2025, None)),
        ("2025", (2025, None)),
        ("2025年", (2025, NOTE)),
        ("２０２５年度", (2025, NOTE)),
        (date(2025, 1, 1), (2025, NOTE)),
        ("无", (None, None)),
        ("25", (None, "year_invalid")),
        (1025.0, (None, "year_invalid")),
        ("二〇二五", (None, "year_invalid")),
    ],
)
def test_years(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("year", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-Q3", ("2026-Q3", None)),
        (" 2026-Q3 ", ("2026-Q3", None)),
        ("２０２６－Ｑ３", ("2026-Q3", NOTE)),
        ("2026年第三季度", ("2026-Q3", NOTE)),
        ("2026年三季度", ("2026-Q3", NOTE)),
        ("2026q3", ("2026-Q3", NOTE)),
        ("2026年3季度", ("2026-Q3", NOTE)),
        ("2026-Q5", (None, "period_invalid")),
        ("2026年", (None, "period_invalid")),
        ("2026-03", (None, "period_invalid")),
        (2026.0, (None, "period_invalid")),
    ],
)
def test_periods(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("period", cell) == expected


def test_only_the_canonical_writing_is_a_period() -> None:
    assert is_period("2026-Q3")
    assert not is_period("2026Q3")
    assert not is_period("2026-Q3 ")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("是", (True, None)),
        ("否", (False, None)),
        (" 是 ", (True, None)),
        ("√", (True, NOTE)),
        ("Y", (True, NOTE)),
        ("×", (False, NOTE)),
        (True, (True, NOTE)),
        (0.0, (False, NOTE)),
        ("—", (None, None)),
        ("部分", (None, "boolean_invalid")),
        (2.0, (None, "boolean_invalid")),
    ],
)
def test_yes_and_no(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("boolean", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("专职团干部", ("专职团干部", None)),
        (" 专职团干部\u3000", ("专职团干部", None)),
        ("专职 团干部", ("专职团干部", NOTE)),
        ("／", (None, None)),
        ("专干", (None, "code_unknown")),
        (1.0, (None, "code_unknown")),
    ],
)
def test_codes(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("code", cell, "person_kind") == expected


def test_none_is_a_value_where_the_list_says_so() -> None:
    assert read("code", "无", "honour_kind") == ("无", None)
    assert read("code", "无", "person_kind") == (None, None)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("工作突出", ("工作突出", None)),
        ("工作突出、青年密集", ("工作突出、青年密集", None)),
        ("工作突出; 青年密集，经费短缺", ("工作突出、青年密集、经费短缺", None)),
        ("工作突出、工作突出", ("工作突出", None)),
        ("无", (None, None)),
        ("工作突出、其他", (None, "code_unknown")),
    ],
)
def test_code_lists(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("code_list", cell, "tilt_kind") == expected


def test_a_unified_social_credit_code_has_a_check_character() -> None:
    # The widely printed example code 91350100M000100Y43.
    assert uscc_check_character("91350100M000100Y4") == "3"
    good = valid_uscc(7)
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert read("uscc", good) == (good, None)
    assert read("uscc", good.lower()) == (good, NOTE)
    assert read("uscc", f"{good[:9]} {good[9:]}") == (good, NOTE)
    assert read("uscc", wrong) == (None, "uscc_invalid")
    assert read("uscc", good[:-1]) == (None, "uscc_invalid")
    assert read("uscc", 9.14401e17) == (None, "digits_lost")
    assert read("uscc", "9.14401E+17") == (None, "digits_lost")
    assert read("uscc", "无") == (None, None)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0123", ("0123", None)),
        (1234.0, ("1234", None)),
        (123.0, ("0123", NOTE)),
        ("０１２３", ("0123", NOTE)),
        ("123", (None, "phone_tail_invalid")),
        ("13800000000", (None, "phone_tail_invalid")),
        (13800000000.0, (None, "phone_tail_invalid")),
        ("—", (None, None)),
    ],
)
def test_phone_tails(cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read("phone_tail", cell) == expected


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("street_code", STREET, (STREET, None)),
        ("street_code", float(STREET), (STREET, None)),
        ("street_code", "４４０１０３００１", (STREET, NOTE)),
        ("street_code", DISTRICT, (None, "street_code_invalid")),
        ("street_code", "440103999", (None, "street_code_invalid")),
        ("street_code", "4.40103E+08", (None, "digits_lost")),
        ("unit_code", DISTRICT, (DISTRICT, None)),
        ("unit_code", float(DISTRICT), (DISTRICT, None)),
        ("unit_code", "4403x1", ("4403X1", NOTE)),
        ("unit_code", "441900", (None, "unit_code_invalid")),
        ("unit_code", "荔湾区", (None, "unit_code_invalid")),
        ("unit_code", "4.4E+05", (None, "digits_lost")),
        ("community_code", COMMUNITY, (COMMUNITY, None)),
        ("community_code", float(COMMUNITY), (COMMUNITY, None)),
        ("community_code", "4.40103E+11", (None, "digits_lost")),
        ("community_code", "440103001999", (None, "community_code_invalid")),
        ("community_code", "无", (None, None)),
    ],
)
def test_codes_of_places(kind: str, cell: Cell, expected: tuple[Any, str | None]) -> None:
    assert read(kind, cell) == expected


def test_free_text_keeps_its_characters_and_names_are_brought_into_one_form() -> None:
    assert read("text", " 关于“五四”活动，的通知（试行）\u200b") == ("关于“五四”活动，的通知（试行）", None)
    assert read("text", "沙面 街道（团工委）\u3000", name="unit_name") == ("沙面街道(团工委)", None)
    assert read("text", 3.0, name="term_no") == ("3", None)
    assert read("text", date(2025, 1, 2)) == ("2025-01-02", NOTE)
    assert read("text", 1.23456789e17) == (None, "digits_lost")
    assert read("text", "=1+1") == ("=1+1", None)
    assert read("text", "暂无") == (None, None)


@pytest.mark.parametrize(("kind", "known", "unknown"), [("stage_ref", "S1", "S99"), ("clause_ref", "3a", "99z")])
def test_references_to_registers_outside_the_workbook(kind: str, known: str, unknown: str) -> None:
    assert read(kind, known) == (known, None)
    assert read(kind, unknown) == (None, "reference_unknown")


def test_every_field_of_every_form_has_a_parser() -> None:
    fields = [field for form in load_forms().values() for sheet in form.sheets for field in sheet.fields]
    assert len(fields) > 200
    assert all(callable(parser_for(field)) for field in fields)
    special = {"money", "code", "code_list"}
    assert {field.type for field in fields} - special <= set(PARSERS)
