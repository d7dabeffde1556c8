"""What a night finds beside other reports is shown where a street sees its findings, and can be explained there."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from alerts.run import send_alerts
from ingest.contacts import CONTACTS_FILE
from ingest.explanations import read_explanations
from ingest.guard import guard
from ingest.home import Home
from ingest.readers import read_grids
from ingest.settings import marking_texts
from tests.portal.conftest import CONTACTS, Browser
from tests.support.district import AFTERWARDS
from warehouse.ask import ask
from warehouse.remarks import explain_finding, list_queries

WORDS = "与对方街道核对过，两边都该登记"


@pytest.fixture
def home(district_home: Home, users_file: Path) -> Home:
    (district_home.programme / CONTACTS_FILE).write_text(CONTACTS, encoding="utf-8")
    district_home.users.parent.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(users_file, district_home.users)
    return district_home


@pytest.fixture
def found(home: Home) -> dict[str, Any]:
    """What one street is asked about a unit that another one lists too."""
    sql = "select * from marts.mart_issue where issue_code = 'listed_elsewhere' order by unit_code, cell"
    return ask(home, sql).records()[0]


def with_words(data: bytes, key: str) -> bytes:
    """The marked workbook with an explanation beside the finding."""
    headers = {name: header for name, header, _ in marking_texts()["columns"]}
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[marking_texts()["sheet"]]
    columns = {cell.value: cell.column for row in sheet for cell in row if cell.value in headers.values()}
    [line] = [
        cell.row for cell in sheet[openpyxl.utils.get_column_letter(columns[headers["key"]])] if key in str(cell.value)
    ]
    sheet.cell(line, columns[headers["explanation"]]).value = WORDS
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_page_of_a_report_and_its_marked_workbook_show_it(
    found: dict[str, Any], open_browser: Callable[..., Browser]
) -> None:
    office = open_browser("office")
    page = office.get(f"/s/{found['submission_id']}").text
    assert found["message"] in page
    assert found["remedy"] in page
    data = office.get(f"/s/{found['submission_id']}/marked.xlsx").content
    comment = openpyxl.load_workbook(io.BytesIO(data))[found["sheet"]][found["cell"]].comment
    assert comment is not None
    assert found["message"] in comment.text
    [said] = read_explanations(read_grids(guard(with_words(data, found["finding_key"]))))
    assert (said.text, said.code) == (WORDS, "listed_elsewhere")
    assert found["finding_key"] in said.finding_keys


def test_the_mail_of_the_street_tells_it_with_its_cell(home: Home, found: dict[str, Any]) -> None:
    send_alerts(home, now=AFTERWARDS)
    [path] = (home.root / "outbox" / found["unit_code"]).glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=policy.SMTP)
    told = mail.get_body(("plain",)).get_content()
    assert found["message"] in told
    assert f"{found['sheet']} {found['cell']}" in told
    [attached] = mail.iter_attachments()
    book = openpyxl.load_workbook(io.BytesIO(attached.get_payload(decode=True)))
    assert book[found["sheet"]][found["cell"]].comment is not None


def test_it_is_explained_like_any_other_query(home: Home, found: dict[str, Any]) -> None:
    place = f"{found['sheet']}!{found['cell']}"
    [event] = explain_finding(home, found["submission_id"], place, by=found["unit_code"], text=WORDS, now=AFTERWARDS)
    assert event["finding_key"] == found["finding_key"]
    states = {row["finding_key"]: row["state"] for row in list_queries(home, found["submission_id"], AFTERWARDS)}
    assert states[found["finding_key"]] == "explained"
