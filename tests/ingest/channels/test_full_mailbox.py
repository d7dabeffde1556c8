"""A mailbox after a deadline: two hundred mails, ten of them hostile, and a machine that dies in the middle."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ingest.batch import process_batch
from ingest.channels.collect import Collected, collect
from ingest.channels.mailbox import MailboxChannel, MailboxSettings
from ingest.contacts import load_contacts
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.receive import raw_path
from tests.ingest.channels.conftest import write_contacts
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.mails import (
    AUTHSERV,
    FAILED,
    bomb,
    encrypted_zip,
    mail,
    nested_mail,
    raw_mail,
    street_report,
    zipped,
)
from tests.support.workbooks import REGISTERS

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2027, 1, 1)
STREETS = sorted(code for code in REGISTERS.unit_names if len(code) == 9 and code.startswith("44"))
GOOD_COUNT = 190


def sender(unit_code: str) -> str:
    return f"clerk-{unit_code}@example.org"


def broken(unit_code: str) -> bytes:
    """Unknown charsets, a boundary that never comes, and base64 that breaks off within a workbook."""
    body = b"--nowhere\r\nContent-Type: text/plain; charset=x-martian\r\n\r\n\xff\xfe\xfd\r\n--nowhere\r\n"
    body += b'Content-Type: application/vnd.ms-excel; name="=?x-martian?B?//79?=.xlsx"\r\n'
    body += b"Content-Transfer-Encoding: base64\r\n\r\nUEsDBBQAAAAIAAAA\r\n=!!\r\n"
    return raw_mail(sender(unit_code), [b"Content-Type: multipart/mixed; boundary=nowhere"], body)


#: Kind of hostile mail -> (the mail of a unit, why it is refused, or why what it carries is rejected).
HOSTILE: dict[str, tuple[Callable[[str], bytes], str]] = {
    "zip bomb": (lambda unit: mail(sender(unit), ("报表.zip", bomb())).as_bytes(), "workbook_hostile"),
    "encrypted zip": (
        lambda unit: mail(sender(unit), ("报表.zip", encrypted_zip("报表.xlsx", street_report(unit)))).as_bytes(),
        "workbook_encrypted",
    ),
    "unregistered sender": (
        lambda unit: mail("stranger@example.org", ("报表.xlsx", street_report(unit))).as_bytes(),
        "sender_unknown",
    ),
    "spoofed sender": (
        lambda unit: mail(sender(unit), ("报表.xlsx", street_report(unit)), verdict=FAILED).as_bytes(),
        "sender_unproven",
    ),
    "executable": (lambda unit: mail(sender(unit), ("报表.exe", b"MZ" + bytes(5000))).as_bytes(), "not_a_workbook"),
    "web page as xls": (
        lambda unit: mail(sender(unit), ("报表.xls", b"<html><table><tr><td>1</td></tr></table>")).as_bytes(),
        "not_a_workbook",
    ),
    "mime bomb": (lambda unit: nested_mail(sender(unit), 5000), "mail_structure"),
    "broken mime": (broken, "workbook_damaged"),
    "30 MB": (
        lambda unit: mail(sender(unit), ("报表.xlsx", b"PK\x03\x04" + random.Random(1).randbytes(30 << 20))).as_bytes(),
        "file_too_large",
    ),
    "traversing names": (
        lambda unit: mail(
            sender(unit), ("../../报表.zip", zipped(("../../../etc/报表.xlsx", street_report(unit))))
        ).as_bytes(),
        "workbook_hostile",
    ),
}


@dataclass(frozen=True)
class Full:
    """A full mailbox: the units that sent well, and what each hostile mail comes to by the hash of its bytes."""

    units: tuple[str, ...]
    hostile: dict[str, str]


@pytest.fixture
def full(home: Home, dovecot: Dovecot) -> Full:
    assert len(HOSTILE) == 10
    units = STREETS[: GOOD_COUNT + len(HOSTILE)]
    write_contacts(home, *(f"mailbox,{sender(unit)},{unit},false,clerk,2025-01-01,," for unit in units))
    good = [mail(sender(unit), (f"{unit}报表.xlsx", street_report(unit))).as_bytes() for unit in units[:GOOD_COUNT]]
    bad = {made(unit): reason for unit, (made, reason) in zip(units[GOOD_COUNT:], HOSTILE.values(), strict=True)}
    mails = [*good, *bad]
    random.Random(7).shuffle(mails)
    dovecot.deliver(*mails)
    stored = {hashlib.sha256(one.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")).hexdigest(): bad[one] for one in bad}
    return Full(tuple(units[:GOOD_COUNT]), stored)


def empty(home: Home, dovecot: Dovecot) -> Collected:
    contacts = load_contacts(home.programme / "contacts.csv", REGISTERS.unit_names)
    settings = MailboxSettings("mail", dovecot.url, PASSWORD, AUTHSERV, ca_file=dovecot.certificate)
    with closing(Ledger(home.ledger_url)) as ledger:
        return collect(home, ledger, MailboxChannel(settings, contacts), now=NOW)


def check_all(home: Home, ledger: Ledger) -> dict[str, tuple[str, str | None]]:
    """State and reason of every submission."""
    for batch_id in ledger.plan_batches(200):
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=NOW)
    return {row["submission_id"]: (row["state"], row["reason"]) for row in ledger.submissions(NOW)}


def test_two_hundred_mails_are_emptied_and_the_190_good_ones_accepted(
    home: Home, ledger: Ledger, dovecot: Dovecot, full: Full
) -> None:
    collected = empty(home, dovecot)
    assert collected.failure is None
    assert dovecot.count() == 0
    assert dovecot.count("Processed") + dovecot.count("Rejected") == 200
    receipts = {receipt.submission_id: receipt for receipt in ledger.pending()}
    results = check_all(home, ledger)
    accepted = [receipts[one].channel_unit_code for one, (state, _) in results.items() if state == "accepted"]
    assert sorted(map(str, accepted)) == sorted(full.units)
    for source, reason in full.hostile.items():
        assert raw_path(home.raw, source).exists(), reason
        given = [one["reason"] for one in ledger.refusals(source)]
        given += [results[one["submission_id"]][1] for one in ledger.origins(source)]
        assert given == [reason]


CHILD = """
import sys
from tests.ingest.channels.test_full_mailbox import *
home, port, certificate = Home(Path(sys.argv[1])), int(sys.argv[2]), Path(sys.argv[3])
print("go", flush=True)
empty(home, Dovecot(port, 0, certificate))
"""


def kill_within(home: Home, dovecot: Dovecot, is_time: Callable[[], bool]) -> int:
    """Empty the mailbox in a process of its own and kill it as soon as it is time; returns how it ended."""
    command = [sys.executable, "-c", CHILD, str(home.root), str(dovecot.port), str(dovecot.certificate)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"go\n"
    while child.poll() is None and not is_time():
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.stdout.close()
    return child.wait()


def receipts_of(home: Home) -> dict[str, str]:
    with closing(Ledger(home.ledger_url)) as ledger:
        return {receipt.submission_id: receipt.file_sha256 for receipt in ledger.pending()}


def test_a_run_that_is_killed_in_the_middle_is_ended_by_the_next_with_nothing_lost_and_nothing_twice(
    home: Home, dovecot: Dovecot, full: Full
) -> None:
    raw_count = lambda: sum(1 for path in home.raw.rglob("*") if path.is_file())  # noqa: E731
    ends = Counter(
        (
            kill_within(home, dovecot, lambda: raw_count() > 60),  # while mails are being fetched
            kill_within(home, dovecot, lambda: bool(receipts_of(home))),  # while handled mails are being moved
        )
    )
    assert ends[-signal.SIGKILL] >= 1
    empty(home, dovecot)
    assert dovecot.count() == 0
    assert dovecot.count("Processed") + dovecot.count("Rejected") == 200
    with closing(Ledger(home.ledger_url)) as ledger:
        pending = ledger.pending()
        from_good = [receipt for receipt in pending if receipt.channel_unit_code in full.units]
    assert sorted(str(receipt.channel_unit_code) for receipt in from_good) == sorted(full.units)
    handed_on = [reason for reason in full.hostile.values() if not reason.startswith(("sender_", "mail_"))]
    assert len(pending) == len(full.units) + len(handed_on)
