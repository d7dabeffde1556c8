"""How what is explained is put into words, on the terminal and on the pages: figures, bounds, cells, records."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

#: Why a unit has no rank.
UNRANKED_ZH = {
    "excused": "经批准免于考核，不排名，不扣分",
    "gone": "本阶段内已撤并或更换代码，不排名，不计作退步",
    "late_entrant": "阶段开始后才加入，只列出，不排名",
    "not_reported": "本阶段没有已采纳的报表，没有得分，不排名",
    "no_score": "没有可计分的项目，不排名",
}
#: Columns of a record that are not told again as text.
NOT_TOLD = {"table", "table_zh", "unit_code", "unit_name", "state", "file_sha256", "submitted_at", "accepted_at"}
CELL = re.compile(r"([A-Z]+)(\d+)")


def number_zh(value: Any) -> str:
    """A figure without idle zeros, a dash for none."""
    if value is None:
        return "—"
    return f"{Decimal(str(value)).normalize():f}"


def figure_zh(value: Any, unit_zh: str | None) -> str:
    """A figure with its unit of measure; Chinese units stand apart from it."""
    if value is None or not unit_zh:
        return number_zh(value)
    return f"{number_zh(value)}{unit_zh}" if unit_zh == "%" else f"{number_zh(value)} {unit_zh}"


def threshold_zh(rule: dict[str, Any]) -> str:
    """The bounds that a value was held against."""
    lower, upper = rule["lower_bound"], rule["upper_bound"]
    least, most = (figure_zh(value, rule["measure_unit_zh"]) for value in (lower, upper))
    if lower is None and upper is None:
        return "按考核表计分"
    if lower is not None and upper is not None:
        return f"= {least}" if lower == upper else f"{number_zh(lower)} 至 {most}"
    return f"≥ {least}" if lower is not None else f"≤ {most}"


def ranges(evidence: list[dict[str, Any]]) -> list[str]:
    """The cells as ``sheet!cell``, those below each other in one column as one range such as ``工作力量!C3:C15``."""
    by_column: dict[tuple[str, str], set[int]] = {}
    for row in evidence:
        if row["cell"]:
            found = CELL.fullmatch(row["cell"])
            column, number = (found[1], int(found[2])) if found else (row["cell"], 0)
            by_column.setdefault((row["sheet"], column), set()).add(number)
    return [
        f"{sheet}!{column}{first or ''}" + (f":{column}{last}" if last > first else "")
        for (sheet, column), numbers in by_column.items()
        for first, last in _runs(sorted(numbers))
    ]


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """First and last of each unbroken run of ascending numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] + 1 == number:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def record_text(record: dict[str, Any]) -> str:
    """A row of ledger or programme in one line: its table, unit and what it says."""
    who = record.get("unit_name") or record.get("unit_code") or ""
    told = [str(value) for name, value in record.items() if name not in NOT_TOLD | {"row_count"} and value is not None]
    none = "没有记录" if record.get("row_count") == 0 else ""
    return f"{record['table_zh']}：{' '.join(part for part in (who, *told, none) if part)}"
