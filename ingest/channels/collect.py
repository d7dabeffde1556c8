"""Empty a channel: bytes into the raw store, receipts into the ledger, and only then the deliveries away.

Deliveries are settled in groups, for a transaction of the ledger costs more than a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from ingest.channels.arrivals import Channel, ChannelError, Delivery, Handled, Refusal
from ingest.channels.parcels import unpack
from ingest.home import Home
from ingest.ledger import Ledger, Receipt
from ingest.receive import Arrival, raw_path, sync_folder, write_raw
from ingest.scope import sole_unit

#: Deliveries whose receipts are recorded together.
GROUP_SIZE = 200


@dataclass(frozen=True)
class Refused:
    """A delivery, or a part of one, that gave no submission. ``sender`` stays out of logs."""

    sender: str
    scope: str
    source: str
    refusal: Refusal


@dataclass(frozen=True)
class Collected:
    """What one emptying of a channel came to; ``left`` is what stays where it was, and why.

    ``failure`` says why the channel could not be emptied to the end; what was received before it stands.
    """

    channel_name: str
    received: tuple[Receipt, ...] = ()
    seen_before: int = 0
    refused: tuple[Refused, ...] = ()
    left: tuple[str, ...] = ()
    failure: str | None = None


@dataclass
class _Stored:
    """A delivery whose bytes lie in the raw store, before its receipts are recorded."""

    delivery: Delivery
    source: str
    is_mail: bool
    receipts: dict[str, Receipt] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    origins: list[dict[str, object]] = field(default_factory=list)


def _store(home: Home, ledger: Ledger, channel: Channel, delivery: Delivery, now: datetime) -> _Stored:
    """Put all bytes of a delivery into the raw store and make its receipts. The delivery's bytes are let go."""
    whole = delivery.message
    if whole is None and len(delivery.files) == 1:
        whole = delivery.files[0].data
    fallback = delivery.fallback_source.encode()
    source = write_raw(home.raw, whole) if whole is not None else hashlib.sha256(fallback).hexdigest()
    is_mail = channel.kind == "mailbox"
    kept = Delivery(delivery.key, delivery.sender, delivery.scope, delivery.submitted_at)
    stored = _Stored(kept, source, is_mail, refusals=list(delivery.refusals))
    for delivered in delivery.files:
        files, refusals = unpack(delivered)
        stored.refusals += refusals
        for file in files:
            digest = write_raw(home.raw, file.data)
            arrival = Arrival(channel.kind, delivery.scope, file.name, delivery.submitted_at, now)
            receipt = arrival.receipt(ledger, digest, len(file.data))
            stored.receipts[receipt.submission_id] = receipt
            # A file that came by itself from the one unit of its sender has nothing to tell beyond its receipt.
            if file.place or sole_unit(delivery.scope) is None:
                stored.origins.append(_origin(channel, stored, receipt, file.place))
    return stored


def _origin(channel: Channel, stored: _Stored, receipt: Receipt, place: str) -> dict[str, object]:
    return {
        "submission_id": receipt.submission_id,
        "source": stored.source,
        "channel_name": channel.name,
        "sender": stored.delivery.sender,
        "scope": stored.delivery.scope,
        "place": place,
        "is_mail": stored.is_mail,
    }


def _refusal_row(channel: Channel, stored: _Stored, refusal: Refusal, now: datetime) -> dict[str, object]:
    return {
        "source": stored.source,
        "place": refusal.place[:512],
        "channel_name": channel.name,
        "sender": stored.delivery.sender,
        "scope": stored.delivery.scope,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "submitted_at": stored.delivery.submitted_at,
        "recorded_at": now,
        "is_mail": stored.is_mail,
    }


def _settle(home: Home, ledger: Ledger, channel: Channel, group: list[_Stored], now: datetime) -> list[Receipt]:
    """Make the bytes of a group durable and record all that came of it; returns the new receipts."""
    digests = {receipt.file_sha256 for stored in group for receipt in stored.receipts.values()}
    digests |= {stored.source for stored in group}
    for folder in {raw_path(home.raw, digest).parent for digest in digests}:
        if folder.exists():
            sync_folder(folder)
    unique = {one: receipt for stored in group for one, receipt in stored.receipts.items()}
    known = {receipt.submission_id for receipt in ledger.receipts(list(unique))}
    ledger.add_origins(origin for stored in group for origin in stored.origins)
    ledger.add_refusals(_refusal_row(channel, stored, refusal, now) for stored in group for refusal in stored.refusals)
    ledger.add_receipts(unique.values())
    return [receipt for submission_id, receipt in unique.items() if submission_id not in known]


@dataclass
class _Tally:
    received: list[Receipt] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    file_count: int = 0


def _empty(
    home: Home, ledger: Ledger, channel: Channel, now: datetime, tally: _Tally, progress: Callable[[str], None] | None
) -> None:
    with channel.open(now) as session:
        tally.left = session.left
        deliveries: Iterator[Delivery] = session.deliveries()
        while group := [_store(home, ledger, channel, one, now) for one in islice(deliveries, GROUP_SIZE)]:
            tally.received += _settle(home, ledger, channel, group, now)
            session.acknowledge([Handled(one.delivery.key, one.source, tuple(one.receipts.values())) for one in group])
            tally.refused += [
                Refused(one.delivery.sender, one.delivery.scope, one.source, refusal)
                for one in group
                for refusal in one.refusals
            ]
            tally.file_count += sum(len(one.receipts) for one in group)
            if progress and tally.file_count >= GROUP_SIZE:
                progress(f"    {channel.name}: {tally.file_count} files collected")


def collect(
    home: Home, ledger: Ledger, channel: Channel, *, now: datetime, progress: Callable[[str], None] | None = None
) -> Collected:
    """Empty one channel into raw store and ledger. ``now`` (UTC) is the instant of the run.

    A channel that fails is no exception but a `Collected` with its ``failure``: the others go on, and the ledger knows.
    """
    tally = _Tally()
    failure = None
    try:
        _empty(home, ledger, channel, now, tally, progress)
    except ChannelError as error:
        failure = str(error)
    collected = Collected(
        channel.name,
        tuple(tally.received),
        tally.file_count - len(tally.received),
        tuple(tally.refused),
        tuple(tally.left),
        failure,
    )
    _record(ledger, collected, now)
    return collected


def failed(ledger: Ledger, channel_name: str, failure: str, now: datetime) -> Collected:
    """A channel that could not even be opened, recorded as `collect` records one that broke off."""
    collected = Collected(channel_name, failure=failure)
    _record(ledger, collected, now)
    return collected


def _record(ledger: Ledger, collected: Collected, now: datetime) -> None:
    """An emptying that brought nothing and did not fail is no event."""
    counts = (len(collected.received), collected.seen_before, len(collected.refused))
    if collected.failure is None and not any(counts):
        return
    ledger.add_collection(
        {
            "channel_name": collected.channel_name,
            "run_at": now,
            "state": "done" if collected.failure is None else "failed",
            "received_count": counts[0],
            "seen_before_count": counts[1],
            "refused_count": counts[2],
            "left_count": len(collected.left),
            "detail": collected.failure or "",
        }
    )
