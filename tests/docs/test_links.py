"""Links between documents lead somewhere, and the decisions are numbered without a gap."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.reading import ROOT, project_files, prose, text_of

DOCUMENTS = [str(path.relative_to(ROOT)) for path in project_files() if path.suffix == ".md"]
DECISIONS = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def slugs(document: Path) -> set[str]:
    """The anchors that a web page of the document has, one for each heading."""
    headings = re.findall(r"^#+ (.+)$", prose(str(document.relative_to(ROOT))), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_documents_are_found() -> None:
    assert {"README.md", "README.zh-CN.md", "docs/operations.md", "reference/README.md"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_heading(document: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        path = ((ROOT / document).parent / name).resolve() if name else ROOT / document
        assert path.exists(), target
        assert not anchor or anchor in slugs(path), target


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(name[:4]) for name in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_its_number_its_parts_and_a_line_in_the_index(name: str) -> None:
    text = text_of(f"docs/decisions/{name}")
    number, title = re.match(r"# (\d+)\. (.+)\n\nStatus: \w+", text).groups()  # type: ignore[union-attr]
    assert int(number) == int(name[:4])
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert f"| {number} | [{title}]({name}) |" in text_of("docs/decisions/README.md")
