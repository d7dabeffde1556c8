"""Who sends for several units: the cover names one of them, and a report beyond them is charged to nobody."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.batch import process_batch
from ingest.channels.collect import collect
from ingest.channels.folder import FolderChannel
from ingest.contacts import load_contacts
from ingest.home import Home
from ingest.ledger import Ledger
from tests.ingest.channels.conftest import write_contacts
from tests.support.mails import street_report, zipped
from tests.support.workbooks import REGISTERS

NOW = datetime(2027, 1, 1)
DISTRICT, STREET = "440103", "440103001"


def send(home: Home, ledger: Ledger, data: bytes, name: str = "a.xlsx") -> None:
    path = home.inbox / DISTRICT / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    contacts = load_contacts(home.programme / "contacts.csv", REGISTERS.unit_names)
    collect(home, ledger, FolderChannel("inbox", home.inbox, contacts), now=NOW)


def decisions(home: Home, ledger: Ledger) -> list[tuple[str, str | None, str | None]]:
    """State, reason and owner of each submission."""
    for batch_id in ledger.plan_batches(200):
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=NOW)
    return [(row["state"], row["reason"], row["unit_code"]) for row in ledger.submissions(NOW)]


@pytest.fixture
def registered(home: Home) -> Home:
    write_contacts(home, f"folder,{DISTRICT},{DISTRICT},true,office,2025-01-01,,")
    return home


def test_an_office_hands_in_for_a_street_below_it(registered: Home, ledger: Ledger) -> None:
    send(registered, ledger, street_report(STREET))
    assert decisions(registered, ledger) == [("accepted", None, STREET)]


def test_a_street_elsewhere_is_rejected_and_charged_to_nobody(registered: Home, ledger: Ledger) -> None:
    foreign = next(code for code in REGISTERS.unit_names if len(code) == 9 and code.startswith("440104"))
    send(registered, ledger, street_report(foreign))
    assert decisions(registered, ledger) == [("rejected", "unit_mismatch", None)]


def test_without_a_line_in_the_registry_the_folder_of_a_district_speaks_for_the_district_alone(
    home: Home, ledger: Ledger
) -> None:
    write_contacts(home)
    send(home, ledger, street_report(STREET))
    assert decisions(home, ledger) == [("rejected", "unit_mismatch", DISTRICT)]


def test_a_parcel_in_a_folder_is_handed_on_as_its_reports(registered: Home, ledger: Ledger) -> None:
    parcel = zipped(("一/报表.xlsx", street_report(STREET)), ("二/报表.xlsx", street_report("440103002")))
    send(registered, ledger, parcel, "报表.zip")
    assert sorted(decisions(registered, ledger)) == [
        ("accepted", None, STREET),
        ("accepted", None, "440103002"),
    ]
