"""The topics of the truth; a new one is hooked in by its line here."""

from __future__ import annotations

from samples.topic import Topic
from samples.truth_committee import TOPIC as COMMITTEE
from samples.truth_cooperation import COOPERATION
from samples.truth_crosschecks import CROSSCHECKS
from samples.truth_leader_checks import LEADER_CHECKS
from samples.truth_projects import PROJECTS
from samples.truth_resources import RESOURCES
from samples.truth_responsibility import RESPONSIBILITY
from samples.truth_trend import TOPIC as TREND
from samples.truth_workforce import WORKFORCE
from samples.truth_youth_work import YOUTH_WORK

TOPICS: tuple[Topic, ...] = (
    PROJECTS,
    COOPERATION,
    RESOURCES,
    RESPONSIBILITY,
    WORKFORCE,
    YOUTH_WORK,
    COMMITTEE,
    TREND,
    CROSSCHECKS,
    LEADER_CHECKS,
)
