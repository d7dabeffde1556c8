"""From what a unit would report to the files that it hands in: when, in how many versions, with which mistakes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath

from ingest.forms import Form, load_forms
from ingest.template import write_workbook
from ingest.template_layout import record_cell
from samples import plan as states
from samples.calendar import SHANGHAI_OFFSET, Period
from samples.hierarchy import Unit
from samples.merging import merge_cells
from samples.mistakes import ERROR, Draft, Finding
from samples.plan import UnitPlan
from samples.spoiling import spoil
from samples.street import nil_workbook
from samples.street_context import Workbook
from samples.words import shape, source

REJECTED, SUPERSEDED = "rejected", "superseded"
#: Parts of the window in which a file comes.
FIRST_HALF, SECOND_HALF, TOO_LATE, ANY_TIME = (0.05, 0.4), (0.5, 0.95), (1.15, 1.8), (0.05, 0.97)
#: 08:30 to 18:00 in Shanghai as seconds of the UTC day.
OFFICE_SECONDS = (1800, 36_000)
NIL_NOTE = "本期无新增内容，零报告。"


@dataclass(frozen=True)
class Submission:
    """One file that a unit hands in; ``state`` is what the truth says of it.

    ``form`` is the form as the clerk left it, ``cover_unit`` the unit on the cover (another one when it was misplaced),
    ``submitted_at`` is UTC. ``stands`` is None for a file that is refused or replaced, else the facts it reports.
    """

    unit: Unit
    period: str
    form: Form
    file: str
    state: str
    submitted_at: datetime
    cover_unit: Unit
    workbook: Workbook
    findings: tuple[Finding, ...]
    stands: Workbook | None
    #: Merged cells: sheet and range.
    merged: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> PurePosixPath:
        """Place of the file below the inbox."""
        return PurePosixPath(self.unit.code) / self.file

    def to_bytes(self) -> bytes:
        """The workbook as a file."""
        data = write_workbook(
            self.form,
            unit_code=self.cover_unit.code,
            unit_name=self.cover_unit.name,
            period=self.period,
            rows=self.workbook,
        )
        return merge_cells(data, self.merged)


def _instant(rng: random.Random, period: Period, part: tuple[float, float]) -> datetime:
    """An instant in office hours between the end of the period and its deadline, in UTC; above 1 it is late."""
    opens_at = datetime(period.ends_on.year, period.ends_on.month, period.ends_on.day) + timedelta(days=1)
    day = opens_at + timedelta(days=int((period.deadline_at - opens_at).days * rng.uniform(*part)))
    return day + timedelta(seconds=rng.randint(*OFFICE_SECONDS))


@dataclass
class _Desk:
    """Where one unit's workbook of one period becomes files."""

    plan: UnitPlan
    period: Period
    form_code: str
    workbook: Workbook
    rng: random.Random

    def file(self, version: int) -> str:
        """Name of the file as a clerk would call it."""
        mark = f"_第{version}版" if version > 1 else ""
        return f"{self.plan.unit.name}{self.period.year}年第{self.period.quarter}季度报表{mark}.xlsx"

    def hand_in(
        self, state: str, when: tuple[float, float], *, version: int = 1, workbook: Workbook | None = None
    ) -> Submission:
        """A file without mistakes."""
        submitted_at = _instant(self.rng, self.period, when)
        facts = self.workbook if workbook is None else workbook
        return Submission(
            unit=self.plan.unit,
            period=self.period.code,
            form=load_forms()[self.form_code],
            file=self.file(version),
            state=state,
            submitted_at=submitted_at,
            cover_unit=self.plan.unit,
            workbook=_with_cover(facts, submitted_at, is_nil=state == states.NIL),
            findings=(),
            stands=facts if state not in (REJECTED, SUPERSEDED) else None,
        )

    def spoilt(self, submission: Submission, *, blocks: bool) -> Submission:
        """The same file with clerk errors in it."""
        count = self.rng.randint(1, shape()["errors"]["most_per_workbook"])
        draft = Draft(submission.form, self._with_name(submission), submission.file)
        draft = spoil(draft, self.rng, count=count, blocks=blocks)
        if blocks and not draft.findings:
            raise ValueError(f"mistakes.csv has nothing that gets the report of {self.plan.unit.code} refused")
        stands = _as_read(submission.stands, draft.workbook) if submission.stands is not None else None
        return replace(
            submission,
            form=draft.form,
            workbook=draft.workbook,
            file=draft.file,
            merged=draft.merged,
            findings=draft.findings,
            stands=stands,
        )

    def _with_name(self, submission: Submission) -> Workbook:
        """The workbook with what the template prints on the cover, for a clerk writes over that too."""
        name, form = submission.form.unit_name_field, submission.form
        if name is None:
            return submission.workbook
        cover = {name: self.plan.unit.name, **submission.workbook[form.cover.entity][0]}
        return {**submission.workbook, form.cover.entity: [cover]}


def _as_read(facts: Workbook, spoilt: Workbook) -> Workbook:
    """The facts as the pipeline reads them: a clerk's wrong day is a day and stands, what is mended does not."""
    return {
        entity: [
            {**fact, **{name: value for name, value in row.items() if name in fact and isinstance(value, date)}}
            for fact, row in zip(rows, spoilt.get(entity, rows), strict=False)
        ]
        for entity, rows in facts.items()
    }


def _with_cover(workbook: Workbook, submitted_at: datetime, *, is_nil: bool) -> Workbook:
    cover = {"prepared_on": (submitted_at + SHANGHAI_OFFSET).date()}
    note = {"note": NIL_NOTE} if is_nil else {}
    return {**workbook, "cover": [{**workbook.get("cover", [{}])[0], **cover, **note}]}


def _misplaced(desk: _Desk, neighbour: Unit) -> Submission:
    """The neighbour's cover in one's own folder."""
    first = desk.hand_in(REJECTED, FIRST_HALF)
    form = load_forms()[desk.form_code]
    finding = Finding(form.cover.name_zh, record_cell(form.cover, form.unit_field), "unit_mismatch", ERROR)
    return replace(first, cover_unit=neighbour, findings=(finding,))


def _draft(workbook: Workbook) -> Workbook:
    """An earlier state of the same report that lists few people yet: other figures than those that stand."""
    return {entity: rows[:4] if entity in ("activity", "person") else rows for entity, rows in workbook.items()}


def hand_in(
    seed: int, plan: UnitPlan, period: Period, form_code: str, workbook: Workbook, neighbour: Unit | None
) -> list[Submission]:
    """The files of one unit for one period, in the order in which they come; none when it stays silent."""
    rng = source(seed, plan.unit.code, "submission", period.code)
    desk = _Desk(plan, period, form_code, workbook, rng)
    match plan.states[period.index]:
        case states.MISSING:
            return []
        case states.LATE:
            return [desk.hand_in(states.LATE, TOO_LATE)]
        case states.NIL:
            return [desk.hand_in(states.NIL, ANY_TIME, workbook=nil_workbook(workbook))]
        case states.REJECTED:
            return [desk.spoilt(desk.hand_in(REJECTED, ANY_TIME), blocks=True)]
        case states.MENDED:
            first = desk.spoilt(desk.hand_in(REJECTED, FIRST_HALF), blocks=True)
            return [first, desk.hand_in(states.ON_TIME, SECOND_HALF, version=2)]
        case states.MISPLACED if neighbour is not None:
            return [_misplaced(desk, neighbour), desk.hand_in(states.ON_TIME, SECOND_HALF, version=2)]
        case states.RESUBMITTED:
            first = desk.hand_in(SUPERSEDED, FIRST_HALF, workbook=_draft(workbook))
            return [first, desk.hand_in(states.ON_TIME, SECOND_HALF, version=2)]
        case states.QUERIED:
            return [desk.spoilt(desk.hand_in(states.ON_TIME, ANY_TIME), blocks=False)]
        case states.ON_TIME | states.MISPLACED:
            return [desk.hand_in(states.ON_TIME, ANY_TIME)]
        case other:
            raise ValueError(f"unknown state {other!r}")


def standing(submissions: Sequence[Submission], as_of: datetime) -> Workbook | None:
    """The facts that stand at ``as_of``; None when nothing has been accepted."""
    for submission in reversed([one for one in submissions if one.submitted_at <= as_of]):
        if submission.state == SUPERSEDED:
            return submission.workbook
        if submission.stands is not None:
            return submission.stands
    return None
