"""The ledger: an append-only record of what arrived, what was decided, built, released, told and appealed against.

State is derived from events and never updated in place; triggers in the database refuse UPDATE and DELETE. Each module
of this package holds the events of one kind. Instants are UTC without a zone.
"""

from __future__ import annotations

from ingest.ledger.audit import AuditEvents
from ingest.ledger.builds import BuildEvents
from ingest.ledger.channels import ChannelEvents
from ingest.ledger.enrolment import EnrolmentEvents
from ingest.ledger.explanations import ExplanationEvents
from ingest.ledger.messages import MessageEvents
from ingest.ledger.offices import OfficeEvents
from ingest.ledger.standing import StandingReports
from ingest.ledger.submissions import Decision, Receipt, SubmissionEvents, submission_id_of
from ingest.ledger.waivers import WaiverEvents

__all__ = ["Decision", "Ledger", "Receipt", "submission_id_of"]


class Ledger(
    SubmissionEvents,
    StandingReports,
    ChannelEvents,
    EnrolmentEvents,
    ExplanationEvents,
    OfficeEvents,
    WaiverEvents,
    BuildEvents,
    MessageEvents,
    AuditEvents,
):
    """Append and read the events of one ledger."""
