"""The registry of contacts: what a line means, and that a wrong one is named and not in force."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest.contacts import COLUMNS, ContactsError, add_contact, load_contacts
from ingest.scope import covers, make_scope, show_scope, sole_unit

UNITS = {"44", "4401", "440103", "440103001", "440103002", "440104"}
NOW = datetime(2026, 5, 1)
GOOD = "mailbox,clerk@example.org,440103001,false,clerk,2026-01-01,,clerk@example.org"


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    file = path / "contacts.csv"
    file.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding=encoding)
    return file


def test_a_sender_speaks_for_the_units_of_all_his_lines(tmp_path: Path) -> None:
    more = "mailbox,Clerk@Example.org,440103002,false,clerk,2026-01-01,,"
    contacts = load_contacts(write(tmp_path, GOOD, more), UNITS)
    assert contacts.scope_of("mailbox", "CLERK@example.org", NOW) == "440103001 440103002"
    assert contacts.scope_of("page", "clerk@example.org", NOW) == ""
    assert [one.sender for one in contacts.of_unit("440103001", NOW)] == ["clerk@example.org"]


def test_an_office_speaks_for_all_below_it_when_its_line_says_so(tmp_path: Path) -> None:
    line = "mailbox,office@example.org,440103,true,office,2026-01-01,,"
    scope = load_contacts(write(tmp_path, line), UNITS).scope_of("mailbox", "office@example.org", NOW)
    assert covers(scope, "440103") and covers(scope, "440103001")
    assert not covers(scope, "440104") and not covers(scope, "4401")
    assert (sole_unit(scope), show_scope(scope)) == (None, "440103及其下级")


def test_a_unit_alone_does_not_speak_for_those_below_it() -> None:
    scope = make_scope([("440103", False)])
    assert (sole_unit(scope), covers(scope, "440103001")) == ("440103", False)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("post,a@example.org,440103001,false,clerk,2026-01-01,,", "there is no channel post"),
        ("mailbox,,440103001,false,clerk,2026-01-01,,", "sender is missing"),
        ("mailbox,a at example.org,440103001,false,clerk,2026-01-01,,", "sender is no e-mail address"),
        ("mailbox,a@example.org,999999,false,clerk,2026-01-01,,", "there is no unit 999999"),
        ("mailbox,a@example.org,440103001,perhaps,clerk,2026-01-01,,", "has_subtree is 'perhaps'"),
        ("mailbox,a@example.org,440103001,false,boss,2026-01-01,,", "role is 'boss'"),
        ("mailbox,a@example.org,440103001,false,clerk,2026-13-01,,", "valid_from is '2026-13-01'"),
        ("mailbox,a@example.org,440103001,false,clerk,,,", "valid_from is missing"),
        ("mailbox,a@example.org,440103001,false,clerk,2026-02-01,2026-01-01,", "valid_to lies before valid_from"),
        ("mailbox,a@example.org,440103001,false,clerk,2026-01-01,,nobody", "alert_email is no e-mail address"),
        (GOOD.replace("clerk@example.org,4", "CLERK@example.org,4"), "says the same as line 2"),
    ],
)
def test_a_wrong_line_is_named_and_its_sender_is_doubtful_while_the_others_hold(
    tmp_path: Path, line: str, told: str
) -> None:
    contacts = load_contacts(write(tmp_path, GOOD, line), UNITS)
    [problem] = contacts.problems
    assert problem.startswith("contacts.csv, line 3: ") and told in problem
    assert contacts.scope_of("mailbox", "clerk@example.org", NOW) == "440103001"
    assert contacts.is_doubtful(*line.split(",")[:2])


def test_the_same_right_may_be_given_again_after_it_has_ended(tmp_path: Path) -> None:
    ended = GOOD.replace("2026-01-01,,", "2025-01-01,2025-12-31,")
    assert load_contacts(write(tmp_path, ended, GOOD), UNITS).problems == ()


def test_a_file_that_a_chinese_spreadsheet_program_saved_is_read(tmp_path: Path) -> None:
    line = "folder,440103001,440103001,false,clerk,2026-01-01,,"
    for encoding in ("gb18030", "utf-8-sig"):
        assert len(load_contacts(write(tmp_path, line, ",,,,,,,", encoding=encoding), UNITS).contacts) == 1


def test_a_file_without_its_columns_is_refused_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text("sender,unit\na,b\n")
    with pytest.raises(ContactsError, match="lacks the columns channel, unit_code"):
        load_contacts(tmp_path / "contacts.csv", UNITS)


def test_a_contact_that_is_added_is_in_force_and_is_not_added_twice(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    row: dict[str, str | None] = dict(zip(COLUMNS, GOOD.replace("clerk@", "new@").split(","), strict=True))
    add_contact(file, row, UNITS)
    assert load_contacts(file, UNITS).scope_of("mailbox", "new@example.org", NOW) == "440103001"
    with pytest.raises(ContactsError, match="says so already"):
        add_contact(file, row, UNITS)
    assert file.stat().st_mode & 0o077 == 0
