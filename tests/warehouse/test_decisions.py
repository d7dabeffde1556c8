"""Claims that an office decided and late entrants that it admitted, from the command to the next night."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.output import ExitCode
from ingest.home import Home
from tests.support.programme import accept, publish
from tests.support.reports import ABOVE, AT, BELOW, DISTRICT, SILENT, Rows, unit
from warehouse.ask import ask
from warehouse.instants import utc_now

CODE = "911100000000000001"
CLAIMED = {"unit": [{**unit("电力局"), "uscc": CODE}]}
#: Reports for the first quarter of 2025 and for the second, in which one more street joins.
HANDED_IN = {"2025-Q1": datetime(2025, 4, 2), "2025-Q2": datetime(2025, 7, 2)}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two streets that claim the same unit, one that joins in the second quarter, one that is silent."""
    home = Home(tmp_path_factory.mktemp("decisions") / "home").prepare()
    lines = [f"{AT},false,B1,2025-Q1,", f"{BELOW},false,B1,2025-Q1,", f"{ABOVE},false,B1,2025-Q2,"]
    lines.append(f"{SILENT},false,B1,2025-Q1,")
    (home.programme / "enrolment.csv").write_text(
        "\n".join(["scope_code,has_subtree,batch_code,from_period,to_period", *lines, ""]), encoding="utf-8"
    )
    reports: list[tuple[str, str, Rows]] = [
        *((unit_code, period, CLAIMED) for unit_code in (AT, BELOW) for period in HANDED_IN),
        (ABOVE, "2025-Q2", {"unit": [unit("学校")]}),
    ]
    for unit_code, period, rows in reports:
        accept(home, f"{unit_code}-{period}", unit_code, rows, at=HANDED_IN[period], period=period)
    publish(home, utc_now())
    return home


@pytest.fixture
def decide(published: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Record a decision of the district about the first stage."""
    monkeypatch.setenv("JIEDAO_HOME", str(published.root))

    def record(*options: str) -> Result:
        common = ["decision", "record", "--stage", "S1", "--by", DISTRICT, "--reason", "查实", "--json"]
        return CliRunner().invoke(app, [*common, *options])

    return record


def claim(home: Home) -> tuple[str, str, str | None]:
    """Number of the only claim, its state, and the street it was given to."""
    found = ask(home, "select distinct claim_id, state, decided_unit_code from marts.mart_claim").rows
    [(claim_id, state, decided_unit_code)] = found
    return claim_id, state, decided_unit_code


def doubly_claimed(home: Home) -> dict[str, tuple[Any, str]]:
    """What each street is told about units that another one lists, in the second quarter."""
    rows = ask(
        home,
        "select unit_code, cast(value as integer), outcome from marts.mart_rule_result"
        " where rule_id = '1b.single' and period = '2025-Q2' and value is not null",
    ).rows
    return {unit_code: (value, outcome) for unit_code, value, outcome in rows}


def counted(home: Home) -> tuple[int, int]:
    """How often the district lists member units, and how many they are."""
    [found] = ask(
        home,
        "select listed_count, distinct_count from marts.mart_distinct_count"
        f" where scope_code = '{DISTRICT}' and period = '2025-Q2' and thing_kind = 'member_unit'",
    ).rows
    return found


def test_a_claim_is_open_until_it_is_decided_and_counts_once_for_the_district(
    published: Home, decide: Callable[..., Result]
) -> None:
    claim_id, state, _ = claim(published)
    assert state == "open"
    assert doubly_claimed(published) == {AT: (1, "fail"), BELOW: (1, "fail"), ABOVE: (0, "pass")}
    assert counted(published) == (3, 2)

    made = decide("--kind", "claim", "--unit", AT, "--subject", claim_id)
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["outcome"] == "belongs_to"
    publish(published, utc_now())
    assert claim(published) == (claim_id, "decided", AT)
    assert doubly_claimed(published) == {AT: (0, "pass"), BELOW: (1, "fail"), ABOVE: (0, "pass")}
    assert counted(published) == (3, 2)

    assert decide("--kind", "claim", "--unit", AT, "--subject", claim_id, "--outcome", "separate").exit_code == 0
    publish(published, utc_now())
    assert doubly_claimed(published) == {AT: (0, "pass"), BELOW: (0, "pass"), ABOVE: (0, "pass")}
    assert counted(published) == (3, 3)


def footing(home: Home, unit_code: str) -> tuple[bool, str | None, int | None]:
    """Whether a street is a late entrant, why it is unranked, and its rank."""
    [found] = ask(
        home,
        "select is_late_entrant, unranked_reason, rank from marts.mart_stage_score"
        f" where stage_code = 'S1' and unit_code = '{unit_code}'",
    ).rows
    return found


def test_a_late_entrant_is_ranked_once_it_is_admitted_and_who_is_excused_is_told_so_with_the_reason(
    published: Home, decide: Callable[..., Result]
) -> None:
    assert footing(published, ABOVE) == (True, "late_entrant", None)
    assert footing(published, SILENT) == (False, "not_reported", None)
    told = CliRunner().invoke(app, ["explain", "--unit", ABOVE, "--stage", "S1"]).output
    assert "未排名：阶段开始后才加入" in told
    assert decide("--kind", "admit", "--unit", ABOVE).exit_code == 0
    assert decide("--kind", "excuse", "--unit", SILENT).exit_code == 0
    publish(published, utc_now())
    is_late, reason, rank = footing(published, ABOVE)
    assert (is_late, reason) == (False, None)
    assert rank in (1, 2, 3)
    assert footing(published, SILENT) == (False, "excused", None)
    told = CliRunner().invoke(app, ["explain", "--unit", SILENT, "--stage", "S1"]).output
    assert "未排名：经批准免于考核，不排名，不扣分（查实）" in told
    [peers] = ask(published, "select distinct peers_count from marts.mart_stage_score where rank is not null").rows
    assert peers == (3,)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--kind", "override", "--unit", AT, "--rule", "3d"], "an override needs --rule and --outcome"),
        (["--kind", "override", "--unit", AT, "--rule", "3d", "--outcome", "passed"], "not 'passed'"),
        (["--kind", "claim", "--unit", AT], "a claim needs --subject"),
        (["--kind", "claim", "--unit", AT, "--subject", "x"], "no claim 'x' is published"),
        (["--kind", "claim", "--unit", AT, "--subject", "x", "--outcome", "mine"], "not 'mine'"),
        (["--kind", "claim", "--unit", ABOVE, "--subject", "CLAIM"], f"{ABOVE} does not claim it, only {AT}, {BELOW}"),
        (["--kind", "admit", "--unit", AT], f"{AT} has been in S1 from the beginning"),
        (["--kind", "admit", "--unit", "440103009"], "440103009 is not on the roster of S1"),
        (["--kind", "admit", "--unit", ABOVE, "--outcome", "pass"], "an admission has no outcome but lifted"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_decision_about_nothing_is_refused_with_its_reason(
    published: Home, decide: Callable[..., Result], options: list[str], complaint: str
) -> None:
    claim_id = claim(published)[0]
    result = decide(*(claim_id if word == "CLAIM" else word for word in options))
    assert complaint in " ".join(result.output.split())
    assert result.exit_code == ExitCode.CANNOT_BE_TAKEN


def test_a_claim_cannot_be_decided_before_it_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path))
    words = ["decision", "record", "--stage", "S1", "--by", DISTRICT, "--reason", "x", "--kind", "claim"]
    result = CliRunner().invoke(app, [*words, "--unit", AT, "--subject", "x"])
    assert "nothing is published" in result.output
    assert result.exit_code == ExitCode.OUR_FAILURE
