"""The report card says what the marts say, as a page and on paper."""

from __future__ import annotations

import io
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pypdf
import pytest
from typer.testing import CliRunner

from cli.main import app
from ingest.home import Home
from portal import card as cards
from tests.portal.conftest import Browser
from tests.support.district import PERIOD
from tests.support.workbooks import OTHER_STREET, STREET
from warehouse.ask import ask

STAGE = "S2"


class Words(HTMLParser):
    """The words of a page, style sheet apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.in_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self.in_style:
            self.words += data


def streets(home: Home) -> list[str]:
    sql = "select unit_code from marts.mart_stage_score where stage_code = $1 and length(unit_code) = 9"
    return [row[0] for row in ask(home, sql, [STAGE]).rows]


def without_spaces(text: str) -> str:
    return "".join(text.split())


def test_every_figure_of_the_card_is_the_marts(district: Path) -> None:
    home = Home(district)
    figures_sql = "select score, rank, peers_count, band_zh from marts.mart_stage_score"
    failing_sql = (
        "select distinct indicator_name_zh from marts.mart_rule_result as results "
        "join rulebook.clauses using (clause_id) "
        "where force = 'quota' and outcome = 'fail' and results.grain = 'street'"
    )
    for unit_code in streets(home):
        card = cards.card_of(home, unit_code, STAGE)
        [score] = ask(home, f"{figures_sql} where unit_code = $1 and stage_code = $2", [unit_code, STAGE]).records()
        shown = {figure["name"]: figure for figure in card["figures"]}
        assert shown["本级得分"]["value"] == ("—" if score["score"] is None else f"{score['score'] / 1000:g}")
        assert shown["同批同类排名"] == {
            "name": "同批同类排名",
            "value": "—" if score["rank"] is None else str(score["rank"]),
            "of": f"共 {score['peers_count']} 个",
        }
        assert shown["等次"]["value"] == (score["band_zh"] or "—")
        [state] = ask(
            home,
            "select state_zh from marts.mart_submission_status where period = $1 and unit_code = $2",
            [PERIOD, unit_code],
        ).rows
        assert [(one["period"], one["state_zh"]) for one in card["reports"]] == [(PERIOD, state[0])]
        [burden] = ask(
            home,
            "select asked_count, prefilled_count from marts.mart_burden where period = $1 and unit_code = $2",
            [PERIOD, unit_code],
        ).rows
        [shown_burden] = [one["burden"] for one in card["reports"]]
        assert shown_burden == ("—" if burden[0] is None else f"{burden[0]} 格，可预填 {burden[1]} 格（0%）")
        failing = ask(home, f"{failing_sql} and unit_code = $1 and period = $2", [unit_code, PERIOD]).rows
        assert {row[0] for row in failing} <= {one["name"] for one in card["quotas"] if one["outcome"] == "fail"}


def test_page_and_paper_say_the_same_on_one_sheet(district: Path) -> None:
    home = Home(district)
    for unit_code in [*streets(home)[:3], "440103"]:
        card = cards.card_of(home, unit_code, STAGE)
        paper = pypdf.PdfReader(io.BytesIO(cards.card_pdf(card)))
        assert len(paper.pages) == 1
        on_paper = without_spaces(paper.pages[0].extract_text())
        on_page = without_spaces(Words(cards.card_html(card)).words)
        told = [card["unit_name"], *(figure["value"] for figure in card["figures"])]
        told += [one[name] for one in card["quotas"] for name in ("name", "value", "threshold", "outcome_zh")]
        told += [one["name"] for one in card["fixes"]]
        told += [one["burden"] for one in card["reports"]]
        for words in map(without_spaces, told):
            assert words in on_page
            assert words in on_paper


def test_a_page_takes_names_as_text(district: Path) -> None:
    card = {**cards.card_of(Home(district), "440103001", STAGE), "unit_name": "<script>alert(1)</script>"}
    assert "<script>" not in cards.card_html(card)


def test_without_a_chinese_font_there_is_a_message_and_no_paper_full_of_boxes(
    district: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "FONTS", ("No Such Family",))
    with pytest.raises(cards.NoChineseFontError, match="fonts-noto-cjk"):
        cards.card_pdf(cards.card_of(Home(district), "440103001", STAGE))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--unit", "440103001", "--stage", STAGE, "-o", "card.txt"], ".html or .pdf"),
        (["--unit", "999999999", "--stage", STAGE, "-o", "card.pdf"], "999999999 has no part in stage S2"),
    ],
)
def test_the_command_says_what_it_cannot_do(
    district: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(district))
    result = CliRunner().invoke(app, ["card", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_card_of_a_stage_that_is_over_promises_no_points(district: Path) -> None:
    made = cards.card_of(Home(district), "440103001", STAGE)
    assert made["is_open"]
    for is_open, said, unsaid in ((True, "做到后可加", "失分"), (False, "失分最多的事", "做到后可加")):
        card = {**made, "is_open": is_open}
        paper = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(cards.card_pdf(card))).pages)
        for text in (Words(cards.card_html(card)).words, paper):
            assert said in without_spaces(text)
            assert unsaid not in without_spaces(text)


def test_the_command_writes_the_card(district: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(district))
    for name in ("card.html", "card.pdf"):
        result = CliRunner().invoke(app, ["card", "--unit", "440103001", "--stage", STAGE, "-o", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
    assert "440103001" in (tmp_path / "card.html").read_text(encoding="utf-8")
    assert (tmp_path / "card.pdf").read_bytes().startswith(b"%PDF")


def test_the_portal_hands_out_the_cards_of_ones_own_units_only(
    published: Home, open_browser: Callable[..., Browser]
) -> None:
    assert published.published.exists()
    clerk = open_browser("clerk")
    path = f"/u/{STREET}/{STAGE}/card.pdf"
    assert path in clerk.get(f"/u/{STREET}").text
    card = clerk.get(path)
    assert (card.status_code, card.headers["content-type"]) == (200, "application/pdf")
    assert len(pypdf.PdfReader(io.BytesIO(card.content)).pages) == 1
    assert clerk.get(f"/u/{STREET}/S9/card.pdf").status_code == 404
    assert clerk.get(f"/u/{OTHER_STREET}/{STAGE}/card.pdf").status_code == 404
    assert open_browser("office").get(f"/u/{OTHER_STREET}/{STAGE}/card.pdf").status_code == 200
