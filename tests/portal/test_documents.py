"""The documents of the pages say what the marts say, keep neighbours apart, and are replaced as a whole."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.home import Home
from portal.documents import render as rendering
from portal.documents.render import documents_path, render, variables
from portal.documents.store import Document, Documents
from warehouse.ask import NothingPublishedError, ask

COUNTRY = variables()["country_code"]


@pytest.fixture
def rendered(district_home: Home) -> Home:
    render(district_home)
    return district_home


def all_documents(home: Home) -> dict[str, Document]:
    with closing(sqlite3.connect(documents_path(home))) as store:
        codes = [row[0] for row in store.execute("select unit_code from document")]
    found = {code: Documents(home).of(code) for code in codes}
    return {code: one[0] for code, one in found.items() if one}


def test_every_unit_that_reports_and_all_above_it_have_a_document(rendered: Home) -> None:
    reporting = {row[0] for row in ask(rendered, "select distinct unit_code from marts.mart_submission_status").rows}
    documents = all_documents(rendered)
    assert set(documents) == reporting | {COUNTRY}
    assert [one["code"] for one in documents["440103001"]["unit"]["path"]] == [
        *(COUNTRY, "44", "4401"),
        *("440103", "440103001"),
    ]


def test_own_figures_are_those_of_the_marts(rendered: Home) -> None:
    documents = all_documents(rendered)
    sql = "select unit_code, stage_code, score, rank, rule_met_count from marts.mart_stage_score"
    scores = {(row["unit_code"], row["stage_code"]): row for row in ask(rendered, sql).records()}
    shown = {(code, row["stage"]): row for code, one in documents.items() for row in one.get("stages", [])}
    assert set(shown) == set(scores)
    for key, row in scores.items():
        assert {name: shown[key][name] for name in ("score", "rank", "rule_met_count")} == {
            name: row[name] for name in ("score", "rank", "rule_met_count")
        }
    states = {
        (row["unit_code"], row["period"]): row["state"]
        for row in ask(rendered, "select unit_code, period, state from marts.mart_submission_status").records()
    }
    assert states == {
        (code, row["period"]): row["state"] for code, one in documents.items() for row in one.get("reports", [])
    }


def test_an_office_has_the_figures_of_those_below_and_they_add_up(rendered: Home) -> None:
    documents = all_documents(rendered)
    district = documents["440103"]
    streets = {code for code in documents if len(code) == 9}
    assert {row["code"] for row in district["children"]} == streets
    for row in district["children_scores"]:
        [own] = [one for one in documents[row["code"]]["stages"] if one["stage"] == row["stage"]]
        assert (row["score"], row["rank"]) == (own["score"], own["rank"])
    for code, levels in (("440103", 1), ("4401", 2), (COUNTRY, 4)):
        counted: dict[str, int] = {}
        for row in documents[code]["reports_below"]:
            counted[row["period"]] = counted.get(row["period"], 0) + row["unit_count"]
        assert set(counted.values()) == {len(streets) + levels - 1}
    issues = ask(rendered, "select count(*) from marts.mart_issue where period is not null").rows[0][0]
    assert sum(row["count"] for row in documents[COUNTRY]["findings"]) == issues
    open_ones = "select count(*) from marts.mart_issue where period is not null and finding_state = 'open'"
    told = sum(row["open"] + row["resolved"] for row in documents[COUNTRY]["findings"])
    assert told >= ask(rendered, open_ones).rows[0][0]


def test_what_a_better_report_no_longer_has_is_resolved(rendered: Home) -> None:
    findings = all_documents(rendered)["440103"]["findings"]
    standing = (
        "select count(*) from marts.mart_issue where is_standing and severity <> 'note' and finding_state = 'open'"
    )
    rows = [row for row in findings if row["severity"] != "note"]
    assert sum(row["resolved"] for row in rows) > 0
    assert sum(row["open"] for row in rows) >= ask(rendered, standing).rows[0][0]


def test_a_street_has_nothing_of_the_streets_beside_it(rendered: Home) -> None:
    documents = all_documents(rendered)
    names = {code: one["unit"]["name"] for code, one in documents.items() if len(code) == 9}
    for code in names:
        text = json.dumps(documents[code], ensure_ascii=False)
        assert not [other for other in names if other != code and (other in text or f'"{names[other]}"' in text)]
        assert "children" not in documents[code]


def test_neighbours_show_only_where_ranks_are_public(rendered: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(variables(), "ranks_public", True)
    render(rendered, force=True)
    beside = all_documents(rendered)["440103001"]["siblings"]
    assert "440103002" in {row["code"] for row in beside}
    assert "440103001" not in {row["code"] for row in beside}


def test_a_mean_of_few_is_left_out(rendered: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    street = all_documents(rendered)["440103001"]
    [mean] = [row for row in street["scores_around"] if row["code"] == "440103"]
    sql = (
        "select round(avg(score)), count(score) from marts.mart_stage_score "
        "where length(unit_code) = 9 and stage_code = $1"
    )
    assert (mean["score"], mean["unit_count"]) == ask(rendered, sql, [mean["stage"]]).rows[0]
    assert street["trend_around"]
    monkeypatch.setitem(variables(), "fewest_in_a_mean", 1000)
    render(rendered, force=True)
    street = all_documents(rendered)["440103001"]
    assert not {"scores_around", "trend_around"} & set(street)


def test_documents_are_rendered_once_and_again_for_another_build(
    rendered: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = all_documents(rendered)
    assert not render(rendered).is_new
    assert render(rendered, force=True).is_new
    assert all_documents(rendered) == before
    monkeypatch.setattr(rendering, "made_by", lambda: "another")
    assert render(rendered).is_new
    documents_path(rendered).write_bytes(b"damaged")
    assert render(rendered).is_new


def test_a_rendering_that_breaks_off_leaves_the_documents_that_were_there(
    rendered: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = documents_path(rendered).read_bytes()
    calls = iter(range(10))

    def breaks(*_: Any) -> bytes:
        if next(calls) == 5:
            raise OSError("no space left")
        return b""

    with monkeypatch.context() as patched:
        patched.setattr(rendering, "_compressed", breaks)
        with pytest.raises(OSError, match="no space left"):
            render(rendered, force=True)
    assert documents_path(rendered).read_bytes() == before
    assert render(rendered, force=True).is_new
    assert not list(documents_path(rendered).parent.glob("*.part"))


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError):
        render(Home(tmp_path))
    assert Documents(Home(tmp_path)).of("44") is None
