"""The topics of the truth; a new one is hooked in by its line here."""

from __future__ import annotations

from samples.topic import Topic
from samples.truth_cooperation import COOPERATION
from samples.truth_projects import PROJECTS
from samples.truth_resources import RESOURCES

TOPICS: tuple[Topic, ...] = (RESOURCES, PROJECTS, COOPERATION)
