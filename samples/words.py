"""Names and codes of people and organisations that do not exist, from lists of syllables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

#: GB 32100-2015: the alphabet and the weights of the check digit of a unified social credit code.
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
#: GB 11714-1997: the organisation code within it.
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@cache
def load_yaml(name: str) -> Any:
    """A data file of this package."""
    return yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def words() -> Any:
    """The lists of syllables and kinds."""
    return load_yaml("words.yml")


def shape() -> Any:
    """Shares, counts, bounds and classes of the sample."""
    return load_yaml("shape.yml")


def source(*parts: object) -> random.Random:
    """A stream of chance that depends on ``parts`` alone, e.g. seed, unit and topic."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - a sample must be repeatable, not secret


def between(rng: random.Random, name: str) -> int:
    """A count from the range of ``name`` in the shape file."""
    low, high = shape()["counts"][name]
    return rng.randint(low, high)


def check_digit(body: str) -> str:
    """Last character of a credit code whose first 17 are ``body``."""
    total = sum(CREDIT_ALPHABET.index(c) * weight for c, weight in zip(body, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[-total % 31]


def credit_code(rng: random.Random, prefix: str, area: str) -> str:
    """A well-formed credit code: kind of registration, area of six digits, organisation code, check digit."""
    organisation = "".join(rng.choices("0123456789", k=2)) + "".join(rng.choices(CREDIT_ALPHABET, k=6))
    total = sum(
        ORGANISATION_ALPHABET.index(c) * weight for c, weight in zip(organisation, ORGANISATION_WEIGHTS, strict=True)
    )
    body = prefix + area + organisation + "0123456789X0"[11 - total % 11]
    return body + check_digit(body)


class Namer:
    """Gives names, none of them twice."""

    def __init__(self, rng: random.Random) -> None:
        """Draws from ``rng``."""
        self.rng = rng
        self.used: set[str] = set()

    def _new(self, make: Any) -> str:
        while (name := make()) in self.used:
            pass
        self.used.add(name)
        return str(name)

    def person(self) -> str:
        """Family name and one or two syllables."""
        given = words()["given"]
        return self._new(
            lambda: (
                self.rng.choice(words()["surnames"]) + "".join(self.rng.sample(given, self.rng.choice((1, 2, 2, 2))))
            )
        )

    def brand(self, suffixes: Sequence[str]) -> str:
        """Two syllables and one of ``suffixes``."""
        return self._new(lambda: "".join(self.rng.sample(words()["brands"], 2)) + self.rng.choice(suffixes))
