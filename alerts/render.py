"""Facts to words: subject, plain text and HTML of a message, from the files in ``alerts/templates/``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.facts import MessageFacts, instant_zh
from ingest.settings import limits

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Rendered:
    """A message as it is read."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Link:
    """An address that the message offers."""

    name_zh: str
    url: str


def points(thousandths: int) -> str:
    """Thousandths of a point as points, without trailing zeros."""
    return f"{(Decimal(thousandths) / 1000).normalize():f}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(points=points, instant_zh=instant_zh)
    return environment


def render(facts: MessageFacts, links: tuple[Link, ...] = (), *, attached: bool = False) -> Rendered:
    """Subject, text and HTML of a message; ``attached`` says that marked workbooks go with it."""
    given: dict[str, Any] = {
        "facts": facts,
        "links": links,
        "attached": attached,
        "shown": limits()["messages"]["shown_problems"],
    }
    subject = _environment().get_template("subject.txt.j2").render(given).strip()
    text = _environment().get_template("message.txt.j2").render(given)
    html = _environment().get_template("message.html.j2").render(given, subject=subject)
    return Rendered(subject, text, html)


def chat_cut() -> str:
    """What is said at the end of a text that is too long for a chat group."""
    return _environment().get_template("chat_cut.txt.j2").render().strip()
