"""``docs/cookbook.md``: questions of analysts in SQL, with the answers that the sample gives."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.home import Home
from scripts.docs.markdown import ROOT, document, generated_note, table
from warehouse.ask import ask

DOCUMENT = ROOT / "docs" / "cookbook.md"
QUESTIONS = ROOT / "docs" / "cookbook"
INTRODUCTION = """
分析人员常问的问题、SQL 和样例数据的答案。每个查询都可直接运行：

What analysts ask, in SQL, with the answers of the sample (`make run`). Each query is a file and runs as it stands; in
`jiedao shell`, paste it and end it with a semicolon:

```sh
jiedao query --file docs/cookbook/01-committee-quota.sql
```

Rows that differ from what stands here fail a test. Tables and columns are in the [data dictionary](data_dictionary.md),
clauses and rules in the [rule book](rulebook.md). Scores are stored in thousandths of a point, instants in UTC.
"""


@dataclass(frozen=True)
class Recipe:
    """One question: its heading in both languages, what to know about it, and the SQL without them."""

    path: Path
    question_zh: str
    question_en: str
    note: str
    sql: str


def recipes() -> list[Recipe]:
    """All questions in order. The first two comment lines of a file are the question, further ones the note."""
    found = []
    for path in sorted(QUESTIONS.glob("*.sql")):
        lines = path.read_text(encoding="utf-8").splitlines()
        count = next(number for number, line in enumerate(lines) if not line.startswith("--"))
        zh, en, *note = (line.removeprefix("-- ") for line in lines[:count])
        found.append(Recipe(path, zh, en, " ".join(note), "\n".join(lines[count:])))
    return found


def _cell(value: Any) -> str:
    if isinstance(value, Decimal | float) and value == int(value):
        return f"{value:.0f}" if isinstance(value, Decimal) else f"{value:.1f}"
    return "" if value is None else str(value)


def _recipe(number: int, recipe: Recipe, home: Home) -> str:
    answer = ask(home, recipe.sql)
    return document(
        f"## {number}. {recipe.question_zh}",
        f"**{recipe.question_en}** {recipe.note}".strip(),
        f"[{recipe.path.name}](cookbook/{recipe.path.name})",
        f"```sql\n{recipe.sql}\n```",
        table(answer.columns, [[_cell(value) for value in row] for row in answer.rows]),
    )


def render(home: Home) -> str:
    """The cookbook with the answers of the warehouse that is published in ``home``."""
    return document(
        "# 查询手册 Cookbook",
        generated_note("`docs/cookbook/*.sql` and the sample (`make cookbook`)"),
        INTRODUCTION,
        *(_recipe(number, recipe, home) for number, recipe in enumerate(recipes(), start=1)),
    )
