"""The tables of the ledger, one per kind of event. Instants are UTC without a zone; no row is ever changed."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

RECEIPT = sa.Table(
    "receipt",
    METADATA,
    sa.Column("submission_id", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("channel_unit_code", sa.String(64)),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_sha256", sa.String(64), nullable=False, index=True),
    sa.Column("file_size", sa.BigInteger, nullable=False),
    sa.Column("submitted_at", sa.DateTime, nullable=False),
    sa.Column("received_at", sa.DateTime, nullable=False),
)

DECISION = sa.Table(
    "decision",
    METADATA,
    sa.Column("submission_id", sa.String(32), primary_key=True),
    sa.Column("batch_id", sa.String(32), nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64)),
    sa.Column("form", sa.String(32)),
    sa.Column("unit_code", sa.String(64)),
    sa.Column("period", sa.String(64)),
    sa.Column("error_count", sa.Integer, nullable=False),
    sa.Column("query_count", sa.Integer, nullable=False),
    sa.Column("note_count", sa.Integer, nullable=False),
    sa.Column("list_row_count", sa.Integer, nullable=False),
)

#: The signed receipt of a decision, as JSON: written in one transaction with it.
SIGNED_RECEIPT = sa.Table(
    "signed_receipt",
    METADATA,
    sa.Column("submission_id", sa.String(32), primary_key=True),
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

BATCH = sa.Table(
    "batch",
    METADATA,
    sa.Column("submission_id", sa.String(32), primary_key=True),
    sa.Column("batch_id", sa.String(32), nullable=False, index=True),
)

BUILD = sa.Table(
    "build",
    METADATA,
    sa.Column("build_id", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(16), primary_key=True),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
    sa.Column("known_at", sa.DateTime, nullable=False),
    sa.Column("detail", sa.Text),
)

#: Decisions of an office about a finding or a unit; a build takes those known to it as frozen inputs.
DECISION_RECORD = sa.Table(
    "decision_record",
    METADATA,
    sa.Column("record_id", sa.String(64), primary_key=True),
    sa.Column("stage_code", sa.String(16), nullable=False),
    sa.Column("unit_code", sa.String(64), nullable=False),
    sa.Column("rule_id", sa.String(64)),
    sa.Column("subject_key", sa.String(256)),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(32)),
    sa.Column("decided_at", sa.DateTime, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

RELEASE = sa.Table(
    "release",
    METADATA,
    sa.Column("release_id", sa.String(32), primary_key=True),
    sa.Column("state", sa.String(16), primary_key=True),
    sa.Column("stage_code", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
    sa.Column("known_at", sa.DateTime, nullable=False),
    sa.Column("appeals_until", sa.DateTime),
    sa.Column("content_hash", sa.String(64)),
    sa.Column("detail", sa.Text),
)

APPEAL = sa.Table(
    "appeal",
    METADATA,
    sa.Column("appeal_id", sa.String(64), primary_key=True),
    sa.Column("release_id", sa.String(32), nullable=False),
    sa.Column("stage_code", sa.String(16), nullable=False),
    sa.Column("unit_code", sa.String(64), nullable=False),
    sa.Column("rule_id", sa.String(64), nullable=False),
    sa.Column("subject_key", sa.String(256), nullable=False),
    sa.Column("contested_outcome", sa.String(32), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("filed_at", sa.DateTime, nullable=False),
    sa.Column("filed_until", sa.DateTime, nullable=False),
)

APPEAL_DECISION = sa.Table(
    "appeal_decision",
    METADATA,
    sa.Column("appeal_id", sa.String(64), primary_key=True),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

#: How a file came, where the receipt alone does not say it: within which mail or zip (``source``, its SHA-256), at
#: which place of it, from whom, and for whom that sender may speak.
ORIGIN = sa.Table(
    "origin",
    METADATA,
    sa.Column("submission_id", sa.String(32), primary_key=True),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("channel_name", sa.String(32), nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("is_mail", sa.Boolean, nullable=False),
)

#: What came and gave no submission: a whole mail or file (empty ``place``), or a part of one.
REFUSAL = sa.Table(
    "refusal",
    METADATA,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("place", sa.String(512), primary_key=True),
    sa.Column("channel_name", sa.String(32), nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("submitted_at", sa.DateTime, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
    sa.Column("is_mail", sa.Boolean, nullable=False),
)

#: Emptyings of a channel that brought something or failed.
COLLECTION = sa.Table(
    "collection",
    METADATA,
    sa.Column("channel_name", sa.String(32), primary_key=True),
    sa.Column("run_at", sa.DateTime, primary_key=True),
    sa.Column("state", sa.String(16), primary_key=True),
    sa.Column("received_count", sa.Integer, nullable=False),
    sa.Column("seen_before_count", sa.Integer, nullable=False),
    sa.Column("refused_count", sa.Integer, nullable=False),
    sa.Column("left_count", sa.Integer, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)

#: Words about an accepted report: of the level above (approved, returned) or of the unit itself (withdrawn).
REVIEW = sa.Table(
    "review",
    METADATA,
    sa.Column("review_id", sa.String(16), primary_key=True),
    sa.Column("submission_id", sa.String(32), nullable=False, index=True),
    sa.Column("unit_code", sa.String(64), nullable=False),
    sa.Column("form", sa.String(32), nullable=False),
    sa.Column("period", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reviewed_at", sa.DateTime, nullable=False),
    sa.Column("reviewed_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

#: What a clerk said about a finding (``finding_key``: unit, period, form, check, field, line and value). The words and
#: whoever gave them stay here; a build takes the rest.
EXPLANATION = sa.Table(
    "explanation",
    METADATA,
    sa.Column("explanation_id", sa.String(16), primary_key=True),
    sa.Column("finding_key", sa.String(64), nullable=False, index=True),
    sa.Column("submission_id", sa.String(32), nullable=False),
    sa.Column("unit_code", sa.String(64), nullable=False),
    sa.Column("period", sa.String(64), nullable=False),
    sa.Column("form", sa.String(32), nullable=False),
    sa.Column("issue_code", sa.String(64), nullable=False),
    sa.Column("explained_at", sa.DateTime, nullable=False),
    sa.Column("explained_by", sa.Text, nullable=False),
    sa.Column("way", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

#: An office lets reports of ``scope_code`` and all below it pass with the findings of a check; public.
WAIVER = sa.Table(
    "waiver",
    METADATA,
    sa.Column("waiver_id", sa.String(16), primary_key=True),
    sa.Column("scope_code", sa.String(64), nullable=False),
    sa.Column("issue_code", sa.String(64), nullable=False),
    sa.Column("from_period", sa.String(64), nullable=False),
    sa.Column("to_period", sa.String(64)),
    sa.Column("office_code", sa.String(64), nullable=False),
    sa.Column("office_name", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
)

#: An office takes a waiver back: it lets nothing pass that is decided from then on; public.
WAIVER_REVOCATION = sa.Table(
    "waiver_revocation",
    METADATA,
    sa.Column("waiver_id", sa.String(16), primary_key=True),
    sa.Column("office_code", sa.String(64), nullable=False),
    sa.Column("office_name", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
)

#: A period closed from ``effective_at`` on, or an exception until then, for ``scope_code`` (empty: all) and all below.
PERIOD_LOCK = sa.Table(
    "period_lock",
    METADATA,
    sa.Column("lock_id", sa.String(16), primary_key=True),
    sa.Column("period", sa.String(64), nullable=False),
    sa.Column("scope_code", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("effective_at", sa.DateTime, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

#: The lines of ``programme/enrolment.csv`` as they stood from ``recorded_at`` on, as JSON.
ENROLMENT = sa.Table(
    "enrolment",
    METADATA,
    sa.Column("recorded_at", sa.DateTime, primary_key=True),
    sa.Column("lines", sa.Text, nullable=False),
)

#: A message to a unit reaches states: written into the outbox, sent or failed (as often as it is tried).
MESSAGE = sa.Table(
    "message",
    METADATA,
    sa.Column("message_id", sa.String(24), primary_key=True),
    sa.Column("state", sa.String(16), primary_key=True),
    sa.Column("recorded_at", sa.DateTime, primary_key=True),
    sa.Column("unit_code", sa.String(64), nullable=False),
    sa.Column("as_of_on", sa.Date, nullable=False),
    sa.Column("detail", sa.Text),
)

#: The answer to a mail, by the SHA-256 of that mail, reaches states like a message.
REPLY = sa.Table(
    "reply",
    METADATA,
    sa.Column("mail_sha256", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(16), primary_key=True),
    sa.Column("recorded_at", sa.DateTime, primary_key=True),
    sa.Column("detail", sa.Text),
)

#: Addresses and chat groups that have a message, each by a key that does not say it.
MESSAGE_REACHED = sa.Table(
    "message_reached",
    METADATA,
    sa.Column("message_id", sa.String(24), primary_key=True),
    sa.Column("recipient_key", sa.String(16), primary_key=True),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
)

#: What a unit has been told, so that it is not told again.
MESSAGE_LINE = sa.Table(
    "message_line",
    METADATA,
    sa.Column("unit_code", sa.String(64), primary_key=True),
    sa.Column("line_key", sa.String(256), primary_key=True),
    sa.Column("message_id", sa.String(24), nullable=False),
)

#: Who signed in to the portal, sent and fetched what.
AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("event_id", sa.String(32), primary_key=True),
    sa.Column("recorded_at", sa.DateTime, nullable=False, index=True),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
)

#: Statements that make a table append-only, per dialect.
SQLITE_GUARD = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
POSTGRES_GUARD = """
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$ LANGUAGE plpgsql;
CREATE OR REPLACE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
"""
