"""The forms' half of ``docs/data_dictionary.md``: sheets, fields, types, code lists, findings."""

from __future__ import annotations

from ingest.forms import FORMS_DIR, Field, Form, Sheet, load_code_lists, load_forms
from ingest.issues import catalogue
from scripts.docs.markdown import ROOT, code, document, read_csv, table

LAYOUTS = {
    "key_value": "key_value 项目—内容",
    "register": "register 台账（期末全部）",
    "event": "event 记录（本期发生）",
}


FIELD_HEADER = (
    "表头 Header",
    "字段 Field",
    "类型 Type",
    "必填 Required",
    "选项表 Code list",
    "条款 Clauses",
    "隐私 Privacy",
    "别名 Aliases",
)


def _field(field: Field) -> tuple[str, ...]:
    return (
        field.header_zh,
        code(field.name),
        field.type,
        "必填 required" if field.is_required else "",
        code(field.code_list or ""),
        "、".join(field.clauses),
        "化名，不出原件库 pseudonym only" if field.is_private else "",
        "、".join(field.aliases),
    )


def _sheet(form: Form, sheet: Sheet) -> str:
    other_names = f"；别名 also called {'、'.join(sheet.aliases)}" if sheet.aliases else ""
    return document(
        f"#### {sheet.name_zh} `{form.table(sheet)}`",
        f"{LAYOUTS[sheet.layout]}{other_names}。{sheet.guide_zh}",
        table(FIELD_HEADER, map(_field, sheet.fields)),
    )


def _form(form: Form) -> str:
    return document(
        f"### {form.name_zh} `{form.code}`",
        f"填报层级 reported by: {', '.join(form.unit_levels)}；模板版本 template version {form.template_version}。",
        *(_sheet(form, sheet) for sheet in form.sheets),
    )


def _types() -> str:
    rows = [
        (code(row["type"]), row["label_zh"], row["hint_zh"]) for row in read_csv(ROOT / "ingest" / "template_types.csv")
    ]
    return document(
        "### 字段类型 Field types",
        "`*_ref` 须与所指工作表或登记册中的名称、编号一致。\n"
        "A `*_ref` must be found in the sheet or register that it points to.",
        table(("类型 Type", "名称 Label", "填写提示 Hint"), rows),
    )


def _code_lists() -> str:
    rows = [(code(name), "、".join(values)) for name, values in load_code_lists().items()]
    return document("## 选项表 Code lists", table(("选项表 Code list", "选项 Values"), rows))


def _findings() -> str:
    rows = [
        (code(kind.code), kind.severity, kind.message_zh, kind.remedy_zh, code(kind.level))
        for kind in catalogue().values()
    ]
    return document(
        "## 检查意见 Findings",
        "`error` 退回修改，`query` 请核实（不影响接收），`note` 提示（系统已处理）。花括号处填入实际内容。\n"
        "An `error` keeps the report from being accepted, a `query` asks, a `note` tells what was repaired.",
        table(("代码 Code", "程度 Severity", "说明 Message", "办法 Remedy", "层次 Level"), rows),
    )


def render() -> str:
    """Forms, field types, code lists and findings."""
    forms = list(load_forms().values())
    field_count = sum(len(sheet.fields) for form in forms for sheet in form.sheets)
    return document(
        "## 报表 Forms",
        f"{len(forms)}种报表，{field_count}个字段，取自 `{FORMS_DIR.relative_to(ROOT)}/`。字段都有条款依据。\n"
        f"{len(forms)} forms with {field_count} fields. No field is asked for without a clause that needs it.",
        *map(_form, forms),
        _types(),
        _code_lists(),
        _findings(),
    )
