"""A small programme for tests of a stage's assessment: three streets of one district, one quarter, no workbook read.

Rows go straight into lake and ledger, as if their workbooks had been accepted; one night publishes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cli.nightly import build_and_publish
from ingest.forms import load_forms
from ingest.home import Home
from ingest.land import land_rows, prepare_lake
from ingest.ledger import Decision, Receipt
from tests.support.reports import ABOVE, AT, BELOW, Rows, at_thresholds, one_above, one_below, payment
from warehouse.night import Night, open_ledger

STAGE = "S1"
PERIOD = "2025-Q1"
#: The reports are decided in April 2025, the first night is in May.
ACCEPTED_AT = datetime(2025, 4, 1)
FIRST_NIGHT = datetime(2025, 5, 1)


def accept(
    home: Home,
    submission_id: str,
    unit_code: str,
    rows: Rows,
    *,
    at: datetime,
    period: str = PERIOD,
    form: str = "street",
) -> None:
    """Let a report of a unit for a period be submitted, and accepted one minute later."""
    sheets = {sheet.entity: sheet for sheet in load_forms()[form].sheets}
    prepare_lake(home.lake)
    owner = {"submission_id": submission_id, "unit_code": unit_code}
    places = []
    for entity, listed in rows.items():
        sheet = sheets[entity].name_zh
        landed = [{**owner, "sheet": sheet, "row": number, **row} for number, row in enumerate(listed, start=3)]
        land_rows(home.lake, f"{form}_{entity}", period, submission_id, landed)
        places += _places(form, entity, sheet, listed, owner)
    land_rows(home.lake, "field_map", period, submission_id, places)
    count = sum(len(listed) for listed in rows.values())
    decided_at = at + timedelta(minutes=1)
    with open_ledger(home) as ledger:
        ledger.add_receipt(
            Receipt(submission_id, "folder", unit_code, "报表.xlsx", submission_id.rjust(64, "0"), 1, at, at)
        )
        ledger.add_decisions(
            [
                Decision(
                    submission_id,
                    submission_id,
                    decided_at,
                    "accepted",
                    None,
                    form,
                    unit_code,
                    period,
                    0,
                    0,
                    0,
                    count,
                )
            ]
        )


def _places(
    form: str, entity: str, sheet: str, rows: Sequence[Mapping[str, Any]], owner: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Say in which column each field of a sheet stood: the first in A, the next in B."""
    fields = list(dict.fromkeys(name for row in rows for name in row))
    return [
        {
            **owner,
            "form": form,
            "entity": entity,
            "sheet": sheet,
            "field": field,
            "header": field,
            "column_letter": chr(ord("A") + number),
            "cell": None,
        }
        for number, field in enumerate(fields)
    ]


def programme(root: Path) -> Home:
    """A home with the reports of three streets: one at every threshold, one below, one above."""
    home = Home(root).prepare()
    (home.programme / "enrolment.csv").write_text(
        "scope_code,has_subtree,batch_code,from_period,to_period\n"
        + "".join(f"{unit_code},false,B1,2025-Q1,\n" for unit_code in (AT, BELOW, ABOVE)),
        encoding="utf-8",
    )
    accept(home, "at", AT, {**at_thresholds(), "funding": [payment("20000")]}, at=ACCEPTED_AT)
    accept(home, "below", BELOW, {**one_below(), "funding": [payment("15000")]}, at=ACCEPTED_AT)
    accept(home, "above", ABOVE, one_above(), at=ACCEPTED_AT)
    return home


def publish(home: Home, now: datetime) -> None:
    """Build what is in the ledger, as known at ``now``, and publish it."""
    build_and_publish(home, Night.at(now), lambda _: None, full_refresh=False)
