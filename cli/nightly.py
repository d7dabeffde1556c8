"""The nightly run without Airflow: the same steps in the same order, with progress on the terminal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.batch import BatchResult
from ingest.channels.collect import Collected
from ingest.home import Home
from warehouse import night as steps
from warehouse.night import Night

log = logging.getLogger(__name__)

#: Each batch is read by a child process of its own; two of them keep two cores busy.
PARALLEL_BATCHES = 2


@dataclass(frozen=True)
class NightResult:
    """What a run did: what each channel brought, batches parsed, and the manifest of what was published."""

    collected: tuple[Collected, ...]
    batches: tuple[BatchResult, ...]
    manifest: dict[str, Any]


def parse_batches(home: Home, night: Night, tell: Callable[[str], None]) -> tuple[BatchResult, ...]:
    """Check and land every batch that waits, a few at a time."""
    batch_ids = steps.plan(home)
    with ThreadPoolExecutor(PARALLEL_BATCHES) as pool:
        results = []
        for result in pool.map(lambda batch_id: steps.parse(home, batch_id, night.now), batch_ids):
            results.append(result)
            tell(
                f"  batch {len(results)}/{len(batch_ids)}: {result.accepted} accepted, {result.rejected} rejected, "
                f"{result.row_count} rows"
            )
            if result.undecided:
                tell(f"  {result.undecided} files wait for the next night: our own code failed on them (see the log)")
    return tuple(results)


def build_and_publish(home: Home, night: Night, tell: Callable[[str], None], *, full_refresh: bool) -> dict[str, Any]:
    """Freeze, build, judge, build the marts and publish; returns the manifest."""
    from expectations.build import judge_build

    tell("==> freeze the inputs")
    build = steps.freeze_inputs(home, night, full_refresh=full_refresh)
    news = "everything" if build.is_full_refresh else ", ".join(build.changed_periods) or "no news"
    tell(f"    build {build.build_id}: {news}")
    tell("==> dbt: staging, core, indicators")
    result = steps.build_core(home, build.folder)
    tell(f"    {sum(result.statuses.values())} nodes in {result.seconds:.1f} s")
    tell("==> Great Expectations: judge by the rule book")
    summary = judge_build(home, build.folder)
    counts = ", ".join(f"{outcome} {count}" for outcome, count in summary.outcomes.items())
    tell(f"    {summary.rule_count} rules, {summary.row_count} subjects in {summary.seconds:.1f} s: {counts}")
    tell("==> dbt: rule results, assessment, marts, audit gate")
    result = steps.build_marts(home, build.folder)
    tell(f"    {sum(result.statuses.values())} nodes in {result.seconds:.1f} s")
    tell("==> publish")
    return steps.publish_build(home, build.folder, night.now)


def answer_mails(home: Home, now: datetime, tell: Callable[[str], None]) -> None:
    """Answer the mails that were collected; whatever goes wrong there, they have been collected."""
    from alerts.replies import send_replies

    try:
        result = send_replies(home, now=now)
    except Exception as error:
        log.exception("answers to mails")
        tell(f"    not all mails were answered ({type(error).__name__}: {error}); `jiedao alerts send` tries again")
        return
    if any(vars(result).values()):
        tell(f"    answers to mails: {result.told()}")


def render_pages(home: Home, tell: Callable[[str], None]) -> None:
    """Render the documents of the portal; whatever goes wrong, the night has been published."""
    from portal.documents.render import render

    tell("==> documents of the portal")
    try:
        done = render(home)
    except Exception as error:
        log.exception("documents")
        tell(f"    they stay as they were ({type(error).__name__}: {error}); `jiedao documents` tries again")
        return
    tell(f"    {done.document_count} in {done.seconds:.1f} s")


def tell_units(home: Home, night: Night, tell: Callable[[str], None]) -> None:
    """Write and send the messages; whatever goes wrong there, the night has been published."""
    from alerts.run import send_alerts

    tell("==> messages to units")
    try:
        tell(f"    {send_alerts(home, now=night.now, progress=tell).told()}")
    except Exception as error:
        log.exception("messages")
        tell(f"    not all were written or sent ({type(error).__name__}: {error}); `jiedao alerts send` tries again")


def run_nightly(home: Home, night: Night, tell: Callable[[str], None], *, full_refresh: bool = False) -> NightResult:
    """Run the whole night; when it fails, the ledger says why and yesterday's warehouse stays published."""
    try:
        tell("==> collect the channels")
        collected = tuple(steps.collect_channels(home, night.now, tell))
        for one in collected:
            tell(f"    {one.channel_name}: {len(one.received)} files received, {one.seen_before} seen before")
        answer_mails(home, night.now, tell)
        tell("==> check and land")
        batches = parse_batches(home, night, tell)
        manifest = build_and_publish(home, night, tell, full_refresh=full_refresh)
    except Exception as error:
        steps.record_failure(home, night, f"{type(error).__name__}: {error}")
        raise
    render_pages(home, tell)
    tell_units(home, night, tell)
    return NightResult(collected, batches, manifest)
