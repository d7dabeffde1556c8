"""A report as JSON: read strictly, held against the schema, laid out like the sheets of a workbook."""

from __future__ import annotations

import json
import math
from typing import Any

from ingest.cells import Cell, Grid
from ingest.decoding import decode
from ingest.extent import Extent, check_extents
from ingest.forms import Form, Sheet, load_forms
from ingest.guard import GuardedFile
from ingest.refusal import GuardError
from ingest.text import trim

#: Whole numbers that a cell of a workbook holds without loss; longer ones are kept as text.
_MOST_DIGITS = 15
_SHOWN = 60
#: What is wrong with the shape, by the keyword of the schema that is not met.
_REASONS_ZH = {
    "additionalProperties": "表单中没有这个项目",
    "required": "缺少这个项目",
    "type": "应为一个值（文字、数字、true、false 或 null）",
    "maxItems": "行数过多",
}
_TYPES_ZH = {"object": "应为一个对象（{…}）", "array": "应为一个列表（[…]）"}


def _invalid(pointer: str, reason_zh: str) -> GuardError:
    return GuardError("json_invalid", raw=pointer[:_SHOWN], expected=reason_zh)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise _invalid(doubled, "同一个项目出现了两次")
    return found


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= _MOST_DIGITS else text


def _real(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def _constant(text: str) -> None:
    raise _invalid(text, "不是 JSON 允许的值")


def _parse(text: str) -> Any:
    try:
        data = json.loads(text, object_pairs_hook=_pairs, parse_int=_whole, parse_float=_real, parse_constant=_constant)
        if "\\u" in text:
            json.dumps(data, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _invalid(f"第 {error.lineno} 行第 {error.colno} 个字符", "不符合 JSON 语法") from error
    except RecursionError as error:
        raise _invalid("/", "嵌套过深") from error
    except UnicodeEncodeError as error:
        raise _invalid("/", "含有不成对的 Unicode 代理字符") from error
    return data


def _shape(value: Any) -> object:
    """What the schema can tell of a record: its names and the types of its values."""
    if not isinstance(value, dict):
        return type(value)
    return tuple(
        (name, tuple(map(type, part)) if isinstance(part, list) else type(part)) for name, part in value.items()
    )


def _distinct(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """The report with one record of each shape, and which record that is: the schema is slow on thousands."""
    short, numbers = dict(data), {}
    for name, value in data.items():
        if isinstance(value, list):
            firsts: dict[object, int] = {}
            for number, record in enumerate(value):
                firsts.setdefault(_shape(record), number)
            numbers[name] = list(firsts.values())
            short[name] = [value[number] for number in numbers[name]]
    return short, numbers


def _check_shape(data: dict[str, Any], form: Form) -> None:
    """Hold the data against the schema of its form; the first thing that does not fit is told."""
    # Slow to load, and few reports are JSON.
    from jsonschema import Draft202012Validator

    from ingest.json_schema import form_schema

    short, numbers = _distinct(data)
    error = next(Draft202012Validator(form_schema(form.code)).iter_errors(short), None)
    if error is None:
        return
    path = list(error.absolute_path)
    if len(path) > 1 and path[0] in numbers:
        path[1] = numbers[str(path[0])][int(path[1])]
    reason = _REASONS_ZH.get(str(error.validator), "不符合格式")
    if error.validator == "additionalProperties":
        path.append(next(name for name in error.instance if name not in error.schema["properties"]))
    elif error.validator == "required":
        path.append(next(name for name in error.validator_value if name not in error.instance))
    elif error.validator == "type":
        reason = _TYPES_ZH.get(str(error.validator_value), reason)
    raise _invalid("/" + "/".join(map(str, path)), reason)


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(value)
    return trim(value) if isinstance(value, str) else value


def _grid(sheet: Sheet, value: Any) -> Grid:
    """One sheet, laid out as in the template, so that evidence has the same addresses as in a workbook."""
    fields = sheet.fields
    pointer = f"/{sheet.entity}"
    rows: list[list[Cell]]
    if not sheet.is_list:
        rows = [[sheet.title_zh, ""], *([field.header_zh, _cell(value.get(field.name))] for field in fields)]
        return Grid(
            sheet.name_zh, True, rows, places={(row, 1): f"{pointer}/{one.name}" for row, one in enumerate(fields, 1)}
        )
    rows = [[sheet.title_zh, *[""] * (len(fields) - 1)], [field.header_zh for field in fields]]
    rows += [[_cell(record.get(field.name)) for field in fields] for record in value]
    places = {
        (row + 2, column): f"{pointer}/{row}/{field.name}"
        for row in range(len(value))
        for column, field in enumerate(fields)
    }
    return Grid(sheet.name_zh, True, rows, places=places)


def _check_size(data: dict[str, Any], form: Form) -> None:
    extents = []
    for sheet in form.sheets:
        value = data.get(sheet.entity)
        if isinstance(value, list) and value:
            extent = Extent()
            extent.add(len(value) + 1, len(sheet.fields) - 1, len(value) * len(sheet.fields))
            extents.append((sheet.name_zh, extent))
    check_extents(extents)


def read_json(file: GuardedFile) -> list[Grid]:
    """The sheets of a JSON report. Raises GuardError."""
    text = decode(file.data)
    if text is None:
        raise _invalid("/", "文字编码不是 UTF-8")
    data = _parse(text)
    forms = load_forms()
    code = data.get("form") if isinstance(data, dict) else None
    if not isinstance(code, str) or code not in forms:
        known = "、".join(forms)
        raise _invalid("/form", f"应为表种代码（{known}）之一")
    form = forms[code]
    sheets = [sheet.entity for sheet in form.sheets if sheet.entity in data]
    _check_size(data, form)
    _check_shape(data, form)
    return [Grid("_meta", False, [["form", form.code]]), *(_grid(form.sheet(name), data[name]) for name in sheets)]
