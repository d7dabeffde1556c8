"""``jiedao collect``: empty the channels now, and tell what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.output import ExitCode, fail, print_json, print_table, say, tell_progress
from ingest.channels.collect import Collected
from ingest.home import Home


def tell_troubles(collected: Sequence[Collected]) -> None:
    """What stays where it was, and which channels failed."""
    for one in collected:
        for path in one.left:
            say(f"Left in channel {one.channel_name}: {path}")
        if one.failure:
            say(f"Channel {one.channel_name} could not be emptied, the others were: {one.failure}")


def _as_record(collected: Collected) -> dict[str, Any]:
    from ingest.channels.replies import refusal_text
    from ingest.receipts import received_receipt

    return {
        "channel": collected.channel_name,
        "failure": collected.failure,
        "received": [received_receipt(receipt) for receipt in collected.received],
        "seen_before": collected.seen_before,
        "refused": [
            {
                "unit": one.scope,
                "source_sha256": one.source,
                "place": one.refusal.place,
                "reason": one.refusal.reason,
                "text": refusal_text(one.refusal.reason, one.refusal.detail, one.refusal.place),
            }
            for one in collected.refused
        ],
        "left": list(collected.left),
    }


def _tell(collected: Sequence[Collected]) -> None:
    """A receipt for each file, a line for each refusal, then the sums. Senders stay in the ledger."""
    from ingest.channels.replies import receipt_text, refusal_text

    for one in collected:
        for receipt in one.received:
            say(receipt_text(receipt))
    for one in collected:
        for refused in one.refused:
            refusal = refused.refusal
            text = refusal_text(refusal.reason, refusal.detail, refusal.place)
            say(f"{one.channel_name}：{refused.source[:12]} {text}")
    sums = [
        (one.channel_name, len(one.received), one.seen_before, len(one.refused), len(one.left), one.failure is None)
        for one in collected
    ]
    columns = ("channel", "received", "seen_before", "refused", "left", "is_emptied")
    print_table(columns, sums)
    tell_troubles(collected)


def collect(
    channel: Annotated[
        list[str] | None, typer.Option(help="Only this channel of channels.yml; may be given more than once.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what came as JSON.")] = False,
) -> None:
    """Empty the channels of programme/channels.yml (default: the inbox), answer the mails, and tell what came.

    Secrets come from the environment: JIEDAO_CHANNEL_<NAME>_PASSWORD and the like. Exit code 3 when a channel failed.
    """
    from cli.nightly import answer_mails
    from ingest.channels.settings import ChannelSettingsError, load_channel_settings
    from warehouse.instants import utc_now
    from warehouse.night import collect_channel

    home = Home.from_environment().prepare()
    try:
        channels = load_channel_settings(home)
    except ChannelSettingsError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    names = [one.name for one in channels]
    if unknown := sorted(set(channel or []) - set(names)):
        fail(f"there is no channel {', '.join(unknown)}; known: {', '.join(names)}", ExitCode.CANNOT_BE_TAKEN)
    now = utc_now()
    chosen = [one for one in channels if not channel or one.name in channel]
    collected = [collect_channel(home, one, now, progress=tell_progress) for one in chosen]
    answer_mails(home, now, tell_progress)
    if as_json:
        print_json([_as_record(one) for one in collected])
    else:
        _tell(collected)
    if any(one.failure for one in collected):
        raise typer.Exit(int(ExitCode.OUR_FAILURE))
