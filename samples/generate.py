"""A whole inbox of invented workbooks for real units, with the truth about them."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from ingest.contacts import COLUMNS, CONTACTS_FILE
from ingest.pseudonym import person_key
from samples import truth
from samples.batches import ENROLMENT_COLUMNS, enrolment
from samples.calendar import load_periods
from samples.committee import Committee, committee_workbooks
from samples.contacts import contact_lines
from samples.crosschecks import add_claims, misstate_allocations
from samples.csvfile import write_csv
from samples.funds import Payment, payments
from samples.hierarchy import Unit
from samples.outlying import add_outlying
from samples.plan import MISSING, UnitPlan
from samples.street_context import Workbook
from samples.submissions import Submission, hand_in, standing
from samples.topic import Case, Programme
from samples.topics import TOPICS
from samples.truth import Outcome, Standing
from samples.truth_crosschecks import truth_files
from samples.truth_history import with_history
from samples.truth_leader_checks import truth_files as leader_truth_files
from samples.truth_scores import COLUMNS as SCORE_COLUMNS
from samples.truth_scores import scores
from samples.words import shape
from samples.world import REPO, World, prepare_world

DEFAULT_SEED = 20250101
INSTANT = "%Y-%m-%d %H:%M:%S"

OUTCOME_COLUMNS = ("period", "rule_id", "clause_id", "unit_code", "subject_key", "value", "outcome")
SUBMISSION_COLUMNS = ("unit_code", "period", "form", "state", "file", "submitted_at")
ISSUE_COLUMNS = ("unit_code", "period", "file", "sheet", "cell", "issue_code", "severity")

#: Called with the number of units done and the number of units in all.
Progress = Callable[[int, int], None]
Line = tuple[object, ...]


@dataclass(frozen=True)
class SampleSummary:
    """What has been written: counts of units, files, submissions by state, planted findings and outcomes."""

    scope: str
    periods: tuple[str, ...]
    unit_count: int
    workbook_count: int
    states: dict[str, int]
    issue_count: int
    outcomes: dict[str, int]


@dataclass
class _Result:
    """Lines of the truth that one unit adds."""

    submissions: list[Line] = field(default_factory=list)
    issues: list[Line] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    #: What others need of the unit, by topic and unit.
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Periods with a standing report, by unit.
    reported: dict[str, tuple[str, ...]] = field(default_factory=dict)


# Set before the workers are forked, so that the plan of 9,066 streets is not sent to each of them.
_world: World | None = None


def _write(world: World, submission: Submission) -> None:
    """Put one file into the inbox, whole or not at all, with the instant of its submission."""
    path = world.home / "inbox" / submission.path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(submission.to_bytes())
    instant = int(submission.submitted_at.replace(tzinfo=UTC).timestamp())
    os.utime(part, (instant, instant))
    part.replace(path)


def _record(world: World, result: _Result, submissions: Sequence[Submission]) -> None:
    """Write the files that have been handed in by now, and what is true of them."""
    for one in submissions:
        if one.submitted_at > world.as_of:
            continue
        _write(world, one)
        at = one.submitted_at.strftime(INSTANT)
        result.submissions.append((one.unit.code, one.period, one.form.code, one.state, one.file, at))
        # A finding belongs to the unit that the cover names, which for a misplaced file is not the owner of the folder.
        result.issues += [
            (one.unit.code, one.period, one.file, found.sheet, found.cell, found.issue_code, found.severity)
            for found in one.findings
        ]


def _committee(world: World, plan: UnitPlan) -> Committee:
    """The committee of ``plan`` with those it may be linked to and what it pays to the streets of the sample."""
    code = plan.unit.code
    streets = world.hierarchy.reporting_streets.get(code, ())
    districts = world.hierarchy.city_districts.get(code, ())
    paid: list[Payment] = []
    for street in world.plans.values():
        if street.unit.level == "street" and street.unit.code.startswith(code):
            payers = world.payers(street.unit.code)
            found = payments(world.seed, street, world.periods, payers, world.untilted)
            paid += [payment for payment in found if payment.payer_code == code]
    levels = [other.unit.code for other in world.plans.values() if other.unit.level == plan.unit.level]
    stages = {
        period.code: stage["stage_code"]
        for period in world.periods
        for stage in world.stages
        if stage["first_period"] <= period.code <= stage["last_period"]
    }
    return Committee(world.seed, plan, world.periods, districts, streets, paid, code == min(levels), stages)


def _do_unit(code: str) -> _Result:
    """Write everything of one unit; returns its lines of the truth."""
    world = _world
    if world is None:
        raise RuntimeError("a worker was started without its world")
    plan = world.plans[code]
    is_street = plan.unit.level == "street"
    if is_street:
        workbooks = add_claims(world.claims, code, world.street_workbooks(code), world.street_workbooks)
        workbooks = add_outlying(world.outlying.get(code, frozenset()), workbooks)
    else:
        workbooks = misstate_allocations(world.seed, code, committee_workbooks(_committee(world, plan)))
    result = _Result()
    stands: list[Workbook | None] = []
    form_code = "street" if is_street else "committee"
    handed_in: list[Submission] = []
    for period, workbook in zip(world.periods, workbooks, strict=True):
        neighbour = world.neighbour(plan, period) if plan.states[period.index] == "misplaced" else None
        submissions = hand_in(world.seed, plan, period, form_code, workbook, neighbour)
        handed_in += submissions
        stands.append(standing(submissions, world.as_of))
        if not submissions:
            result.submissions.append((code, period.code, form_code, MISSING, None, None))
    _record(world, result, with_history([one for one in handed_in if one.submitted_at <= world.as_of]))
    result.reported[code] = tuple(
        period.code for period, report in zip(world.periods, stands, strict=True) if report is not None
    )
    _add_feedback(world, result, plan.unit)
    _add_outcomes(world, result, Standing(plan.unit, stands))
    return result


def _add_feedback(world: World, result: _Result, unit: Unit) -> None:
    """The unit's answers to the notices, and the outcomes of the rule on them."""
    for notice, submission in world.feedback.get(unit.code, []):
        if submission is None:
            result.submissions.append((unit.code, notice["notice_id"], "feedback", MISSING, None, None))
        else:
            _record(world, result, [submission])


def _outcomes(world: World, case: Case) -> list[Outcome]:
    unit, stands = case.unit, case.standing
    if unit.level == "street":
        found = truth.street_outcomes(stands, world.periods, world.as_of)
    else:
        found = truth.committee_outcomes(
            stands,
            world.periods,
            world.as_of,
            streets=case.streets,
            has_districts=case.has_districts,
            person_key=case.person_key,
        )
    found += truth.stage_outcomes(stands, world.periods, world.as_of, world.stages)
    by_code = {period.code: period for period in world.periods}
    for notice, answer in world.feedback.get(unit.code, []):
        period = by_code[notice["period"]]
        answered_at = answer.submitted_at if answer and answer.submitted_at <= world.as_of else None
        if truth.is_due(period, stands.workbooks[period.index] is not None, world.as_of):
            found.append(truth.notice_outcome(unit, notice, answered_at, world.as_of))
    return found


def _answered(world: World, answer: Submission | None) -> Workbook | None:
    """The content of an answer that has come by now."""
    return answer.workbook if answer and answer.submitted_at <= world.as_of else None


def _add_outcomes(world: World, result: _Result, stands: Standing) -> None:
    """The outcomes of the unit, and what the topics keep of it for the units above."""
    code = stands.unit.code
    case = Case(
        stands,
        world.periods,
        world.as_of,
        streets=world.hierarchy.reporting_streets.get(code, ()),
        has_districts=code in world.hierarchy.city_districts,
        stages=world.stages,
        person_key=partial(person_key, world.key),
        communities=world.communities.get(code, ()),
        feedback=[(notice, _answered(world, answer)) for notice, answer in world.feedback.get(code, [])],
    )
    result.outcomes = _outcomes(world, case)
    for topic in TOPICS:
        if topic.outcomes:
            result.outcomes += topic.outcomes(case)
        if topic.facts:
            result.facts[topic.name] = {code: topic.facts(case)}


def _rolled_up(world: World, total: _Result) -> list[Outcome]:
    """The outcomes that hang on several units."""
    units = [plan.unit for plan in world.plans.values()]
    found: list[Outcome] = []
    for topic in TOPICS:
        if topic.roll_up:
            facts = total.facts.get(topic.name, {})
            found += topic.roll_up(
                Programme(units, world.hierarchy, world.periods, world.as_of, world.stages, facts, total.outcomes)
            )
    return found


def _results(codes: Sequence[str], workers: int) -> Iterator[_Result]:
    """Results of all units in the order of ``codes``."""
    if workers <= 1:
        yield from map(_do_unit, codes)
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap(_do_unit, codes, chunksize=8)


def _collect(codes: Sequence[str], workers: int, progress: Progress | None) -> _Result:
    """Write everything of all units; their lines of the truth together."""
    total = _Result()
    for done, result in enumerate(_results(codes, workers), start=1):
        total.submissions += result.submissions
        total.issues += result.issues
        total.outcomes += result.outcomes
        total.reported |= result.reported
        for name, facts in result.facts.items():
            total.facts.setdefault(name, {}).update(facts)
        if progress is not None:
            progress(done, len(codes))
    return total


def generate(
    home: Path,
    scope: str,
    periods: list[str],
    *,
    seed: int = DEFAULT_SEED,
    error_share: float | None = None,
    workers: int = 2,
    progress: Progress | None = None,
    as_of: datetime | None = None,
    rulebook_dir: Path = REPO / "dbt_project" / "seeds" / "rulebook",
) -> SampleSummary:
    """Fill ``<home>/inbox`` with workbooks of all units of ``scope`` and the committees above it, and write the truth.

    ``scope`` is a unit code or ``all``; ``periods`` are quarters such as ``2025-Q1``. ``error_share`` is the share of
    workbooks with clerk errors (default: the shape file's). What would be handed in after ``as_of`` (UTC, default now)
    is left out. The same seed gives the same bytes and the same truth. ``progress`` is called with units done and units
    in all. Raises ValueError for an unknown scope, period or share.
    """
    global _world
    share = shape()["errors"]["share"] if error_share is None else error_share
    if not 0 <= share <= 1:
        raise ValueError(f"the share of errors must lie between 0 and 1, not {share}")
    quarters = load_periods(periods, rulebook_dir)
    now = as_of or datetime.now(UTC).replace(tzinfo=None)
    _world = world = prepare_world(Path(home), scope, quarters, seed, share, now, rulebook_dir)
    try:
        total = _collect(sorted(world.plans), workers, progress)
        total.outcomes += _rolled_up(world, total)
    finally:
        _world = None
    _write_truth(world, scope, total)
    return SampleSummary(
        scope=scope,
        periods=tuple(period.code for period in quarters),
        unit_count=len(world.plans),
        workbook_count=sum(line[4] is not None for line in total.submissions),
        states=dict(Counter(str(line[3]) for line in total.submissions)),
        issue_count=len(total.issues),
        outcomes=dict(Counter(one.outcome for one in total.outcomes)),
    )


def _write_truth(world: World, scope: str, total: _Result) -> None:
    outcomes = [tuple(getattr(one, name) for name in OUTCOME_COLUMNS) for one in total.outcomes]
    folder = world.home / "sample"
    write_csv(folder / "truth_outcomes.csv", OUTCOME_COLUMNS, sorted(outcomes, key=lambda line: line[:5]))
    write_csv(folder / "truth_submissions.csv", SUBMISSION_COLUMNS, total.submissions)
    write_csv(folder / "truth_issues.csv", ISSUE_COLUMNS, total.issues)
    true_scores = scores(total.outcomes, world.stages, world.hierarchy, total.reported, world.rulebook)
    write_csv(folder / "truth_scores.csv", SCORE_COLUMNS, true_scores)
    units = [plan.unit for plan in world.plans.values()]
    checked = truth_files(units, world.hierarchy, total.facts.get("crosschecks", {}))
    met = leader_truth_files(world.hierarchy, world.periods, total.facts.get("leader_checks", {}))
    for name, columns, lines in (*checked, *met):
        write_csv(folder / name, columns, lines)
    taking_part = enrolment(world.hierarchy, scope, world.periods)
    write_csv(world.home / "programme" / "enrolment.csv", ENROLMENT_COLUMNS, taking_part)
    write_csv(world.home / "programme" / CONTACTS_FILE, COLUMNS, contact_lines(units, world.periods[0]))
