"""Cell suppression: hide small counts, and as many others as it takes that none can be computed from what is shown.

The method of the Handbook on Statistical Disclosure Control (Hundepool et al., ESSnet SDC, version 1.2, 2010, ch. 4):
*primary* cells are those below the threshold frequency, *secondary* ones are chosen until the additive relations of the
table determine no hidden cell. Whether they do is decided exactly: a hidden cell can be computed if, and only if, it
stands alone in a row of the reduced echelon form of the relations among hidden cells: all combinations are tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

#: Area and category.
Cell = tuple[str, str]


@dataclass(frozen=True)
class Relation:
    """What adds up: the parts give the whole, or, without one, a number that everybody knows."""

    parts: tuple[Cell, ...]
    whole: Cell | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells that it ties together."""
        return self.parts if self.whole is None else (*self.parts, self.whole)


def computable(hidden: Iterable[Cell], relations: Iterable[Relation]) -> set[Cell]:
    """The hidden cells that follow from the shown ones by some linear combination of the relations."""
    unknown = set(hidden)
    solved: dict[Cell, dict[Cell, Fraction]] = {}
    uses: dict[Cell, set[Cell]] = defaultdict(set)
    for relation in relations:
        row = {cell: Fraction(1) for cell in relation.parts if cell in unknown}
        if relation.whole is not None and relation.whole in unknown:
            row[relation.whole] = Fraction(-1)
        for pivot in [cell for cell in row if cell in solved]:
            _subtract(row, solved[pivot], row[pivot])
        if not row:
            continue
        pivot = min(row)
        scale = row[pivot]
        row = {cell: value / scale for cell, value in row.items()}
        for other in list(uses[pivot]):
            _subtract(solved[other], row, solved[other][pivot], uses, other)
        solved[pivot] = row
        for cell in row:
            uses[cell].add(pivot)
    return {pivot for pivot, row in solved.items() if len(row) == 1}


def _subtract(
    row: dict[Cell, Fraction],
    other: Mapping[Cell, Fraction],
    times: Fraction,
    uses: dict[Cell, set[Cell]] | None = None,
    name: Cell | None = None,
) -> None:
    for cell, value in other.items():
        left = row.get(cell, Fraction(0)) - times * value
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)
        if uses is not None and name is not None:
            (uses[cell].add if left else uses[cell].discard)(name)


def suppress(
    counts: Mapping[Cell, int], relations: Sequence[Relation], threshold: int, *, small_areas: Iterable[str] = ()
) -> set[Cell]:
    """The cells to hide: counts from 1 to below ``threshold``, all of ``small_areas``, and what would give them away.

    ``counts`` are the contributors of each cell. A zero is hidden only where it would give another cell away.
    """
    small = set(small_areas)
    hidden = {cell for cell, count in counts.items() if 0 < count < threshold or cell[0] in small}
    touching: dict[Cell, list[Relation]] = defaultdict(list)
    for relation in relations:
        for cell in relation.cells:
            touching[cell].append(relation)
    waiting = {relation: None for cell in sorted(hidden) for relation in touching[cell]}
    while True:
        while waiting:
            relation = next(iter(waiting))
            del waiting[relation]
            if _gives_away(relation, hidden, counts):
                _hide_another(relation, hidden, counts, touching, waiting)
        told = computable(hidden, relations)
        if not told:
            return hidden
        for cell in sorted(told):
            chosen = min(
                (one for one in touching[cell] if _shown(one, hidden)), key=_cost(hidden, counts), default=None
            )
            if chosen is not None:
                _hide_another(chosen, hidden, counts, touching, waiting)
        if not waiting:  # what ties these cells is hidden as a whole: hide whatever stands beside it
            relation = next(one for one in relations if set(one.cells) & hidden and _shown(one, hidden))
            _hide_another(relation, hidden, counts, touching, waiting)


def _shown(relation: Relation, hidden: set[Cell]) -> list[Cell]:
    return [cell for cell in relation.cells if cell not in hidden]


def _gives_away(relation: Relation, hidden: set[Cell], counts: Mapping[Cell, int]) -> bool:
    """Whether the relation alone tells a hidden cell: the only one, or only zeros under a shown sum."""
    found = [cell for cell in relation.cells if cell in hidden]
    if len(found) == 1:
        return True
    is_whole_shown = relation.whole is None or relation.whole not in hidden
    return bool(found) and is_whole_shown and sum(counts[cell] for cell in found) == 0


def _cost(hidden: set[Cell], counts: Mapping[Cell, int]):  # type: ignore[no-untyped-def]
    return lambda relation: min((counts[cell] == 0, counts[cell], cell) for cell in _shown(relation, hidden))


def _hide_another(
    relation: Relation,
    hidden: set[Cell],
    counts: Mapping[Cell, int],
    touching: Mapping[Cell, Sequence[Relation]],
    waiting: dict[Relation, None],
) -> None:
    """Hide the smallest cell that is shown; a zero only where there is nothing else, the whole before a part."""
    shown = _shown(relation, hidden)
    if not shown:
        return
    chosen = min(shown, key=lambda cell: (counts[cell] == 0, counts[cell], cell != relation.whole, cell))
    hidden.add(chosen)
    waiting.update(dict.fromkeys(touching[chosen]))
