"""The templates that clerks fill in, of all forms, and workbooks filled by us."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from ingest.forms import Field, Form, Sheet, load_code_lists, load_forms
from ingest.template import Formula, write_workbook
from ingest.template_layout import MESSAGE_LIMIT, load_type_styles, record_cell

FORMS = list(load_forms().values())
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
UNIT, NAME, PERIOD = "440103001", "沙面街道", "2026-Q3"


def _write(form: Form, rows: Any = None) -> bytes:
    return write_workbook(form, unit_code=UNIT, unit_name=NAME, period=PERIOD, rows=rows)


def _open(form: Form, rows: Any = None) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(_write(form, rows)))


def _fields(form: Form) -> list[tuple[Sheet, Field]]:
    return [(sheet, field) for sheet in form.sheets for field in sheet.fields]


def _validation(page: Worksheet, cell: str) -> DataValidation:
    (found,) = [one for one in page.data_validations.dataValidation if cell in one.sqref]
    return found


def _column(page: Worksheet, number: int) -> ColumnDimension:
    """Settings of a column; columns of one look are stored together."""
    return next(one for one in page.column_dimensions.values() if one.min <= number <= one.max)


def _header(page: Worksheet, sheet: Sheet, field: Field) -> Any:
    cell = page[record_cell(sheet, field.name)]
    return page.cell(cell.row - 1, cell.column) if sheet.is_list else page.cell(cell.row, 1)


@every_form
def test_sheets_stand_in_the_order_of_the_form_between_guide_and_hidden_sheets(form: Form) -> None:
    book = _open(form)
    names = [sheet.name_zh for sheet in form.sheets]
    assert book.sheetnames == ["填报说明", *names, "_lists", "_meta"]
    assert [page.sheet_state for page in book] == ["visible"] * (len(names) + 1) + ["hidden", "veryHidden"]
    assert book.active.title == form.cover.name_zh


@every_form
def test_required_headers_end_in_a_star_and_look_different(form: Form) -> None:
    book = _open(form)
    for sheet, field in _fields(form):
        header = _header(book[sheet.name_zh], sheet, field)
        assert header.value == field.header_zh + ("*" if field.is_required else "")
        assert header.fill.fgColor.rgb == ("FFC00000" if field.is_required else "FFD9E2F3")
        assert header.comment is not None


@every_form
def test_list_sheets_have_a_merged_title_and_frozen_headers(form: Form) -> None:
    book = _open(form)
    for sheet in form.sheets:
        page = book[sheet.name_zh]
        assert page["A1"].value == sheet.title_zh
        last = openpyxl.utils.get_column_letter(len(sheet.fields) if sheet.is_list else 2)
        assert [str(area) for area in page.merged_cells.ranges] == [f"A1:{last}1"]
        assert page.freeze_panes == ("B3" if sheet.is_list else "A2")


@every_form
def test_every_field_has_a_validation_over_all_prepared_records(form: Form) -> None:
    book = _open(form)
    for sheet, field in _fields(form):
        page = book[sheet.name_zh]
        rule = _validation(page, record_cell(sheet, field.name))
        if sheet.is_list:
            assert record_cell(sheet, field.name, 499) in rule.sqref
        assert rule.prompt
        assert len(rule.prompt) <= MESSAGE_LIMIT
        assert field.header_zh in rule.error or field.type == "code_list"


@every_form
def test_drop_downs_show_exactly_the_code_list_from_the_hidden_sheet(form: Form) -> None:
    book = _open(form)
    for sheet, field in _fields(form):
        if field.code_list is None:
            continue
        rule = _validation(book[sheet.name_zh], record_cell(sheet, field.name))
        assert rule.type == "list"
        hidden, area = rule.formula1.split("!")
        assert hidden == "'_lists'"
        shown = [cell.value for (cell,) in book["_lists"][area.replace("$", "")]]
        assert tuple(shown) == load_code_lists()[field.code_list]
        # Only a single value can be enforced by Excel.
        assert bool(rule.showErrorMessage) == (field.type == "code")


@every_form
def test_in_line_lists_stay_below_the_limit_of_excel(form: Form) -> None:
    for page in _open(form):
        for rule in page.data_validations.dataValidation:
            assert rule.type != "list" or len(rule.formula1) <= 255


@pytest.mark.parametrize(
    ("entity", "field", "kind", "bounds"),
    [
        ("unit", "is_member", "list", ('"是,否"', None)),
        ("activity", "participant_count", "whole", ("0", "9999999")),
        ("funding", "amount", "decimal", ("0", "99999999999")),
        ("funding", "fiscal_year", "whole", ("2000", "2099")),
        ("unit", "uscc", "textLength", ("18", "18")),
        ("person", "phone_tail", "textLength", ("4", "4")),
        ("cover", "street_code", "textLength", ("9", "9")),
        ("person", "start_on", "date", ("18172", "73050")),
        ("pairing", "unit_name", "list", ("'辖区单位'!$A$3:$A$502", None)),
        ("activity", "term_no", "list", ("'轮值主席'!$A$3:$A$502", None)),
    ],
)
def test_types_are_validated_by_kind(entity: str, field: str, kind: str, bounds: tuple[str, str | None]) -> None:
    form = load_forms()["street"]
    sheet = form.sheet(entity)
    rule = _validation(_open(form)[sheet.name_zh], record_cell(sheet, field))
    assert (rule.type, (rule.formula1, rule.formula2)) == (kind, bounds)


@every_form
def test_text_columns_are_formatted_as_text_so_that_excel_keeps_codes(form: Form) -> None:
    book = _open(form)
    for sheet, field in _fields(form):
        page = book[sheet.name_zh]
        cell = page[record_cell(sheet, field.name)]
        shape = _column(page, cell.column) if sheet.is_list else cell
        assert shape.number_format == load_type_styles()[field.type].number_format
        if field.type.endswith(("_code", "_ref", "_tail", "uscc", "text", "code")):
            assert shape.number_format == "@"


@every_form
def test_cover_is_prefilled_with_version_unit_and_period(form: Form) -> None:
    page = _open(form)[form.cover.name_zh]
    found = {field.name: page[record_cell(form.cover, field.name)].value for field in form.cover.fields}
    assert (found["template_version"], found[form.unit_field], found[form.period_field]) == ("2026.1", UNIT, PERIOD)
    if form.unit_name_field:
        assert found[form.unit_name_field] == NAME


@every_form
def test_meta_sheet_says_what_the_workbook_is(form: Form) -> None:
    rows = list(_open(form)["_meta"].iter_rows(values_only=True))
    assert rows == [
        ("form", form.code),
        ("template_version", form.template_version),
        ("unit_code", UNIT),
        ("period", PERIOD),
    ]


@every_form
def test_guide_explains_every_sheet_and_every_field(form: Form) -> None:
    lines = list(_open(form)["填报说明"].iter_rows(min_row=3, values_only=True))
    for sheet in form.sheets:
        assert any(line[0] == sheet.name_zh and sheet.guide_zh in line[4] for line in lines)
    for sheet, field in _fields(form):
        (line,) = [one for one in lines if one[0] == sheet.name_zh and one[1] and one[1].rstrip("*") == field.header_zh]
        assert line[2] == ("必填" if field.is_required else "选填")
        for value in load_code_lists().get(field.code_list or "", ()):
            assert value in line[4]


@every_form
def test_the_same_arguments_give_the_same_bytes(form: Form) -> None:
    assert _write(form) == _write(form)


@every_form
def test_the_package_is_sound_and_names_no_time(form: Form) -> None:
    with ZipFile(BytesIO(_write(form))) as package:
        assert package.testzip() is None
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def _value(field: Field, record: int) -> Any:
    values: dict[str, Any] = {
        "count": record,
        "decimal": 2.5,
        "money": Decimal("1234.56"),
        "date": date(2026, 7, 1 + record),
        "year": 2026,
        "boolean": record % 2 == 0,
        "code_list": list(load_code_lists()[field.code_list or ""][:2]) if field.type == "code_list" else None,
    }
    return values.get(field.type, f"<{field.name}&{record}>")


def _seen(value: Any) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(value)
    return float(value) if isinstance(value, int | Decimal) else value


@every_form
def test_a_filled_workbook_is_read_back_cell_by_cell(form: Form) -> None:
    rows = {
        sheet.entity: [
            {field.name: _value(field, record) for field in sheet.fields} for record in range(3 if sheet.is_list else 1)
        ]
        for sheet in form.sheets
    }
    book = CalamineWorkbook.from_filelike(BytesIO(_write(form, rows)))
    for sheet in form.sheets:
        grid = book.get_sheet_by_name(sheet.name_zh).to_python(skip_empty_area=False)
        if sheet.is_list:
            assert grid[2:] == [[_seen(row[field.name]) for field in sheet.fields] for row in rows[sheet.entity]]
        else:
            assert [line[1] for line in grid[1:]] == [_seen(rows[sheet.entity][0][f.name]) for f in sheet.fields]


def test_leading_zeros_spaces_and_forbidden_characters_survive_in_text() -> None:
    form = load_forms()["street"]
    texts = ["0012", " 前后 ", "甲\x0b乙", "=1+1", "第1行\n第2行"]
    page = _open(form, {"activity": [{"activity_name": text} for text in texts]})["活动"]
    cells = [page.cell(row, 1) for row in range(3, 8)]
    assert [cell.value.replace("_x000B_", "\x0b") for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_formula_keeps_its_cached_error() -> None:
    form = load_forms()["street"]
    data = _write(form, {"activity": [{"participant_count": Formula("=#REF!", "#REF!")}]})
    cell = record_cell(form.sheet("activity"), "participant_count")
    cached = openpyxl.load_workbook(BytesIO(data), data_only=True)["活动"][cell]
    assert (cached.value, cached.data_type) == ("#REF!", "e")
    assert openpyxl.load_workbook(BytesIO(data))["活动"][cell].value == "=#REF!"


def test_values_given_for_the_cover_win_over_what_is_prefilled() -> None:
    form = load_forms()["street"]
    page = _open(form, {"cover": [{"street_code": "440103002"}]})["封面"]
    assert page[record_cell(form.cover, "street_code")].value == "440103002"
    assert page[record_cell(form.cover, "street_name")].value == NAME


def test_unknown_entities_fields_and_values_are_refused() -> None:
    form = load_forms()["street"]
    with pytest.raises(KeyError, match="no sheet"):
        _write(form, {"nothing": []})
    with pytest.raises(KeyError, match="no fields"):
        _write(form, {"activity": [{"nothing": 1}]})
    with pytest.raises(TypeError, match="a cell cannot hold"):
        _write(form, {"activity": [{"activity_name": {"a": 1}}]})
