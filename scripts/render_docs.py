"""Make the rule book, the data dictionary and the schema of JSON reports from seeds, forms and dbt's descriptions.

python -m scripts.render_docs            write them
python -m scripts.render_docs --check    write nothing; exit 1 when one is stale
python -m scripts.render_docs --cookbook answer docs/cookbook.md anew from the sample that is published in JIEDAO_HOME
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ingest.home import Home
from ingest.json_schema import submission_schema
from scripts.docs import cookbook, form_fields, rulebook, warehouse_tables
from scripts.docs.markdown import ROOT, document, generated_note

DICTIONARY_INTRODUCTION = """
表、列、报表字段、选项和检查意见的完整清单，由程序从定义生成。

Every table, column, form field, code list and finding, made from the definitions themselves:
[marts](#数据集市-marts) · [core](#核心表-core) · [forms](#报表-forms) · [code lists](#选项表-code-lists) ·
[findings](#检查意见-findings). Rules and weights are in the [rule book](rulebook.md).
"""


def _dictionary() -> str:
    return document(
        "# 数据字典 Data dictionary",
        generated_note("`dbt_project/models/**/*.yml`, `ingest/forms/` and `ingest/issues.csv`"),
        DICTIONARY_INTRODUCTION,
        warehouse_tables.render(),
        form_fields.render(),
    )


def render_all() -> dict[Path, str]:
    """The content that each generated document should have, by its path."""
    return {
        ROOT / "docs" / "rulebook.md": rulebook.render(),
        ROOT / "docs" / "data_dictionary.md": _dictionary(),
        ROOT / "docs" / "submission.schema.json": json.dumps(submission_schema(), ensure_ascii=False, indent=1) + "\n",
    }


def stale(documents: dict[Path, str]) -> list[Path]:
    """The documents whose files are missing or differ."""
    return [path for path, text in documents.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(arguments: list[str]) -> int:
    """Write or check the documents; returns the exit code."""
    documents = render_all()
    if arguments == ["--check"]:
        for path in stale(documents):
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `python -m scripts.render_docs`\n")
        return 1 if stale(documents) else 0
    if arguments == ["--cookbook"]:
        cookbook.DOCUMENT.write_text(cookbook.render(Home.from_environment()), encoding="utf-8")
        return 0
    if arguments:
        sys.stderr.write(__doc__ or "")
        return 2
    for path, text in documents.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
