"""Workbooks for the tests of ``ingest``: a form filled in without a fault, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.workbook import Workbook

from ingest.check import check_workbook
from ingest.codes import uscc_check_character
from ingest.forms import Field, Form, load_code_lists, load_forms
from ingest.issues import Issue
from ingest.registers import Registers
from ingest.report import Report
from ingest.template import write_workbook

ROOT = Path(__file__).parent.parent.parent
REGISTERS = Registers(ROOT / "reference", ROOT / "dbt_project" / "seeds" / "rulebook")
KEY = b"a key for tests"
STREET, DISTRICT, CITY, OTHER_STREET = "440103001", "440103", "4401", "440103002"
PERIOD = "2025-Q1"
NOTICE = "GD-2025-01"
COMMUNITY = "440103001101"
#: Form, unit and period of the three kinds of reports.
REPORTS = {"street": (STREET, PERIOD), "committee": (DISTRICT, PERIOD), "feedback": (CITY, NOTICE)}

Rows = dict[str, list[dict[str, object]]]


def valid_uscc(number: int) -> str:
    """An invented unified social credit code with a right check character."""
    first = f"91440101MA{number:07d}"
    return first + uscc_check_character(first)


def _value(field: Field, line: int) -> object:
    """A faultless value of a field; references point to the same line of the sheet they name."""
    if field.type in ("code", "code_list"):
        values = load_code_lists()[field.code_list or ""]
        return values[line % len(values)]
    by_type: dict[str, object] = {
        "text": f"{field.header_zh}{line + 1}",
        "count": line + 3,
        "decimal": 36.5 + line,
        "money": 20000 + line,
        "date": date(2025, 3, 4) if field.name.endswith(("end_on", "_to")) else date(2025, 2, 3),
        "year": 2025,
        "boolean": "是",
        "uscc": valid_uscc(line),
        "phone_tail": f"{line:04d}",
        "street_code": f"44010300{line + 1}",
        "unit_code": DISTRICT,
        "community_code": COMMUNITY,
        "unit_ref": f"单位名称{line + 1}",
        "term_ref": f"届次{line + 1}",
        "leader_ref": f"姓名{line + 1}",
        "stage_ref": "S1",
        "clause_ref": "3a",
    }
    return by_type[field.type]


def typical_rows(form: Form, lines: int = 2) -> Rows:
    """Rows of a faultless report: one record per key-value sheet, ``lines`` lines per list."""
    unit, period = REPORTS[form.code]
    rows: Rows = {}
    for sheet in form.sheets:
        count = lines if sheet.is_list else 1
        fields = [field for field in sheet.fields if field.type != "period"]
        rows[sheet.entity] = [{field.name: _value(field, line) for field in fields} for line in range(count)]
    rows[form.cover.entity][0].update({form.unit_field: unit, form.period_field: period})
    return rows


def report_workbook(form_code: str = "street", lines: int = 2, rows: Rows | None = None) -> bytes:
    """A faultless workbook of one form, written by the template writer."""
    form = load_forms()[form_code]
    unit, period = REPORTS[form_code]
    filled = rows if rows is not None else typical_rows(form, lines)
    name = REGISTERS.unit_names[unit]
    return write_workbook(form, unit_code=unit, unit_name=name, period=period, rows=filled)


def edited(data: bytes, change: Callable[[Workbook], None]) -> bytes:
    """The workbook after ``change`` has been made to it."""
    book = openpyxl.load_workbook(BytesIO(data))
    change(book)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def column_of(data: bytes, sheet: str, header: str) -> str:
    """Letter of the column whose header is ``header``, with or without its star."""
    for row in openpyxl.load_workbook(BytesIO(data))[sheet].iter_rows():
        for cell in row:
            if str(cell.value).strip("*＊ ") == header:
                return str(cell.column_letter)
    raise AssertionError(f"{sheet} has no header {header}")


def first_data_row(data: bytes, sheet: str, header: str) -> int:
    """Row number below the header row."""
    for row in openpyxl.load_workbook(BytesIO(data))[sheet].iter_rows():
        for cell in row:
            if str(cell.value).strip("*＊ ") == header:
                return int(cell.row) + 1
    raise AssertionError(f"{sheet} has no header {header}")


def place_of(data: bytes, sheet: str, header: str, line: int = 0) -> str:
    """Address of a value: below its header on a list sheet, beside its label on a key-value sheet."""
    letter, row = column_of(data, sheet, header), first_data_row(data, sheet, header)
    is_list = any(one.is_list for form in load_forms().values() for one in form.sheets if one.name_zh == sheet)
    return f"{letter}{row + line}" if is_list else f"{chr(ord(letter) + 1)}{row - 1}"


def with_cell(sheet: str, header: str, value: object, form_code: str = "street") -> tuple[bytes, str]:
    """A faultless workbook with one cell changed, and the address of that cell."""
    data = report_workbook(form_code)
    place = place_of(data, sheet, header)

    def change(book: Workbook) -> None:
        book[sheet][place].value = value
        if isinstance(value, str) and not value.startswith("="):
            book[sheet][place].data_type = "s"

    return edited(data, change), place


def check(data: bytes, channel_unit: str | None = None, *, file_name: str = "", pseudonym_key: bytes = KEY) -> Report:
    """Check in this process against the real registers."""
    return check_workbook(
        data, registers=REGISTERS, pseudonym_key=pseudonym_key, channel_unit=channel_unit, file_name=file_name
    )


def found(report: Report, code: str) -> list[Issue]:
    """The findings of one code."""
    return [issue for issue in report.issues if issue.code == code]


def plain_workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A workbook of bare cells, sheet by sheet, without any of the template's helps."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)  # type: ignore[arg-type]
                elif value is not None:
                    sheet.write(number, column, value)
    book.close()
    return target.getvalue()


def first_quarter_rows(lines: int = 6) -> Rows:
    """Rows of the first quarter of which every figure fits its list, everyone in post."""
    rows = typical_rows(load_forms()["street"], lines)
    rows["cover"] = [{"prepared_on": date(2025, 4, 2)}]
    rows["profile"][0]["known_youth_org_count"] = lines
    for line in rows["activity"]:
        line["unit_count"] = 1
    for line in rows["meeting"]:
        line["unit_due_count"] = line["unit_present_count"] = 1
    for line in rows["person"]:
        line["end_on"] = None
    return rows
