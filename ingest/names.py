"""Names compared as people mean them: variant characters, short names, and units known by name near the sender.

A name is kept as it was written; what is made here serves to compare and goes nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ingest.registers import Registers
from ingest.settings import word_pattern, words
from ingest.text import compact


@cache
def _variants() -> dict[int, str]:
    return str.maketrans(words()["variant_characters"])


def match_key(name: str) -> str:
    """``name`` without width, spaces, signs and variant characters: two that are equal mean the same."""
    return word_pattern("name_signs").sub("", compact(name).lower().translate(_variants()))


def short_key(name: str, places: Iterable[str] = ()) -> str:
    """``match_key`` without ``places`` before and legal form behind: 广州市恒远商务有限公司 is 恒远商务."""
    key = match_key(name)
    for place in places:
        for written in (match_key(place), _bare_place(place)):
            if written and len(key) > len(written) + 1:
                key = key.removeprefix(written)
    shorter = word_pattern("name_endings").sub("", key)
    return shorter if len(shorter) > 1 else key


def _bare_place(name: str) -> str:
    """荔湾 of 荔湾区."""
    key = match_key(name)
    bare = word_pattern("place_endings").sub("", key)
    return bare if len(bare) > 1 else ""


def parents(unit_code: str) -> tuple[str, ...]:
    """Codes of the units above by the code's own places, the highest first."""
    return tuple(unit_code[:length] for length in (2, 4, 6) if length < len(unit_code))


def place_names(unit_code: str, registers: Registers) -> tuple[str, ...]:
    """Names of the units above, the highest first."""
    return tuple(registers.unit_names[code] for code in parents(unit_code) if code in registers.unit_names)


def siblings(unit_code: str, registers: Registers) -> dict[str, str]:
    """Code and name of the units of the same length under the same parent, the unit itself among them."""
    above = parents(unit_code)[-1] if len(unit_code) > 2 else ""
    names = registers.unit_names.items()
    return {code: name for code, name in names if len(code) == len(unit_code) and code.startswith(above)}


def unit_key(name: str, places: Iterable[str]) -> str:
    """A unit's name without the places above it and without 街道, 街道办事处, 团工委: 荔湾区沙面街 is 沙面."""
    key = word_pattern("unit_beginnings").sub("", match_key(name))
    for place in places:
        for written in (match_key(place), _bare_place(place)):
            if written and key != written:
                key = key.removeprefix(written)
    bare = word_pattern("unit_endings").sub("", key) or key
    place = word_pattern("place_endings").sub("", bare)
    return place if len(place) > 1 else bare


def unit_by_name(name: str, near: str, registers: Registers) -> str | None:
    """Code of the unit that ``name`` means among the siblings of ``near``; None when it means none or several of them.

    Names are never looked up nationwide: thousands of streets share theirs.
    """
    places = place_names(near, registers)
    wanted = unit_key(name, places)
    if not wanted:
        return None
    near_by = siblings(near, registers)
    exact = [code for code, official in near_by.items() if match_key(official) == match_key(name)]
    found = exact or [
        code
        for code, official in near_by.items()
        if wanted in {unit_key(known, places) for known in (official, *registers.unit_aliases.get(code, ()))}
    ]
    return found[0] if len(found) == 1 else None
