"""The areas that a release tells about: country, provinces, cities, districts, and classes of streets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from exports.open_data.suppression import Relation

COUNTRY = "CN"
#: Code of the streets that their committee gave no class.
NO_CLASS = "none"


@dataclass(frozen=True)
class Street:
    """A street on the roster of the period with its place in the administrative tree; empty where there is none."""

    unit_code: str
    places: tuple[tuple[str, str, str], ...]
    street_class: str


@dataclass(frozen=True)
class Area:
    """One line of the table of areas."""

    key: str
    level: str
    code: str
    name_zh: str
    parent_key: str
    street_count: int


@dataclass(frozen=True)
class Areas:
    """All areas, which street lies in which, and which areas make up which."""

    listed: tuple[Area, ...]
    of_street: dict[str, tuple[str, ...]]
    children: dict[str, tuple[str, ...]]

    def relations(self, categories: Iterable[str], *, adds_up: bool) -> list[Relation]:
        """What adds up in a table of these categories: areas to the one above, classes to the country, and, with
        ``adds_up``, the categories of an area to its streets, whose number is published."""
        listed = tuple(categories)
        found = [
            Relation(tuple((child, category) for child in parts), (whole, category))
            for (whole, _), parts in self._sums()
            for category in listed
        ]
        if adds_up:
            found += [Relation(tuple((area.key, category) for category in listed)) for area in self.listed]
        return found

    def _sums(self) -> list[tuple[tuple[str, str], tuple[str, ...]]]:
        # the country is the sum of its provinces, and of its classes
        kind = {area.key: "class" if area.level == "class" else "place" for area in self.listed}
        parts: dict[tuple[str, str], list[str]] = defaultdict(list)
        for whole, children in self.children.items():
            for child in children:
                parts[whole, kind[child]].append(child)
        return [(key, tuple(found)) for key, found in sorted(parts.items())]


def areas_of(streets: Iterable[Street], *, country_zh: str, directly_zh: str, no_class_zh: str) -> Areas:
    """The areas in which ``streets`` lie.

    Streets directly under a city or province that has other areas too get an area of their own: so areas add up.
    """
    listed = list(streets)
    inner = {place[1] for street in listed for place in street.places[:-1]}
    names: dict[str, tuple[str, str, str, str]] = {f"country:{COUNTRY}": ("country", COUNTRY, country_zh, "")}
    of_street: dict[str, tuple[str, ...]] = {}
    counts: dict[str, int] = defaultdict(int)
    for street in listed:
        path = [f"country:{COUNTRY}"]
        for level, code, name in street.places:
            names[f"{level}:{code}"] = (level, code, name, path[-1])
            path.append(f"{level}:{code}")
        level, code, name = street.places[-1]
        if code in inner:
            names[f"direct:{code}"] = ("direct", code, f"{name}{directly_zh}", path[-1])
            path.append(f"direct:{code}")
        kind = f"class:{street.street_class}"
        names[kind] = ("class", street.street_class or NO_CLASS, street.street_class or no_class_zh, path[0])
        of_street[street.unit_code] = (*path, kind)
        for key in of_street[street.unit_code]:
            counts[key] += 1
    children: dict[str, list[str]] = defaultdict(list)
    for key, (_, _, _, parent) in sorted(names.items()):
        if parent:
            children[parent].append(key)
    areas = tuple(Area(key, *names[key][:3], names[key][3], counts[key]) for key in sorted(names))
    return Areas(areas, of_street, {key: tuple(found) for key, found in children.items()})
