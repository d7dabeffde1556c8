"""Five more papers as seed rows alone, for twelve streets and the committees above; every score is computed here.

The computation knows the papers from their Chinese wording and nothing of the engine.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from portal.card import groups_of
from tests.support.papers import record, rulebook_with, score_with
from tests.support.reports import CITY, DISTRICT, PROVINCE, STREETS
from tests.support.warehouse import SmallWarehouse
from tests.support.wide_programme import LATE, LINKED, MISSING, ON_TIME_, STREETS_OF_2025, Street, wide_programme

CENSURED, COMPLAINED, PRAISED, FAKED, BANNED = STREETS[1], STREETS[6], STREETS[0], STREETS[3], STREETS[8]
CASES = [
    (PRAISED, "praise", "表扬"),
    (CENSURED, "censure", "省"),
    *((CENSURED, "censure", "市"),) * 3,
    *((COMPLAINED, "complaint", None),) * 5,
    (STREETS[2], "complaint", None),
]
RECORDS = [
    *({**record(unit, "case", about, kind), "record_id": f"c{n}"} for n, (unit, about, kind) in enumerate(CASES)),
    record(FAKED, "veto", "staff_veto"),
    record(BANNED, "veto", "banned"),
    record(STREETS[4], "veto", "banned"),
    {**record(STREETS[2], "case", "praise", "省"), "record_id": "p1"},
    {**record(STREETS[2], "case", "praise", "市"), "record_id": "p2"},
]
REPORTED = {code: street for code, street in STREETS_OF_2025.items() if street.reported}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """The programme, judged once for both papers."""
    return wide_programme(tmp_path_factory.mktemp("wide"), RECORDS)


def thousandths(points: Decimal) -> int:
    """Points as whole thousandths, halves up."""
    return int((points * 1000).to_integral_value(ROUND_HALF_UP))


def scores(small: SmallWarehouse, unit_level: str) -> dict[str, int]:
    """Score of every unit of a level that has one."""
    found = small.rows(
        "select unit_code, score from marts.mart_stage_score"
        f" where stage_code = 'S1' and unit_level = '{unit_level}' and score is not null"
    )
    return dict(found)


def bands(small: SmallWarehouse) -> dict[str, str]:
    """Band of every unit that has one."""
    return dict(
        small.rows(
            "select unit_code, band_code from marts.mart_stage_score where stage_code = 'S1' and band_code <> ''"
        )
    )


def share_of(value: int, least: int) -> Decimal:
    return min(Decimal(value) / least, Decimal(1))


def score_of_120(code: str, street: Street) -> Decimal:
    """Points per unit with caps, money by kind, deductions with floors, a veto of one group."""
    meetings = min(Decimal("2.5") * sum(street.meetings[quarter] for quarter in street.reported), Decimal(10))
    venues = min(3 * street.venues, 15) if street.is_last_known else 0
    activities = min(street.activities[-1], 5) if street.is_last_known else 0
    paid = (
        {payer: street.grants.count(payer) for payer in "省市区"}
        if street.is_last_known
        else dict.fromkeys("省市区", 0)
    )
    money = min(min(12 * paid["省"], 20) + 5 * paid["市"] + min(2 * paid["区"], 4), 25)
    missing = max(20 - 6 * street.count(MISSING), 5)
    complaints = Decimal(10) * 2 / 5 if code == COMPLAINED else Decimal(10)
    censure = 10 - (6 + 4 if code == CENSURED else 0)
    cadres = 30 * share_of(street.cadres, 10) if street.is_last_known and code != FAKED else Decimal(0)
    few = max(5 - (street.cadres if street.is_last_known else 0), 0)
    extra = max(-few + max(-2 * street.count(LATE), -6) + (3 if code == PRAISED else 0), -4)
    earned = meetings + venues + activities + money + missing + complaints + censure + cadres
    # Money weighs the 25 points that its group can give.
    scaled = Decimal(120) * earned / (10 + 15 + 5 + 25 + 20 + 10 + 10 + 30)
    return min(max(scaled + extra, Decimal(0)), Decimal(125))


def test_a_paper_of_120_points_with_caps_by_kind_floors_and_a_veto_of_a_group(
    judged: SmallWarehouse, tmp_path: Path
) -> None:
    score_with(judged, rulebook_with("scheme_120", tmp_path / "rulebook"), tmp_path)
    expected = {code: thousandths(score_of_120(code, street)) for code, street in REPORTED.items()}
    # The paper knows no veto of the ground "banned", and what it says of such a veto is that it takes the score.
    assert scores(judged, "street") == {**expected, BANNED: 0, STREETS[4]: 0}
    assert len(set(expected.values())) > 8
    assert scores(judged, "district") == {}


def test_the_groups_of_a_card_add_up_to_the_score_with_caps_and_bonuses(judged: SmallWarehouse, tmp_path: Path) -> None:
    score_with(judged, rulebook_with("scheme_120", tmp_path / "rulebook"), tmp_path)
    scored = scores(judged, "street")
    with judged.connect() as connection:
        shown = {code: [one for one in groups_of(connection, code, "S1") if one["is_own"]] for code in scored}
    for code in scored.keys() - {BANNED, STREETS[4]}:
        added = sum(Decimal(group["points"]) for group in shown[code])
        # Each group is rounded to a thousandth of a point, the score only once.
        assert abs(added - Decimal(scored[code]) / 1000) <= Decimal(len(shown[code])) / 1000
    # Money may give 25 of the 125 points that the groups weigh, of the paper's 120.
    assert {group["note"] for groups in shown.values() for group in groups} == {"", "封顶 24", "一票否决"}
    assert "附加" in {group["max"] for groups in shown.values() for group in groups}


def place(code: str, values: dict[str, int]) -> int:
    """1 = largest, ties share."""
    return 1 + sum(value > values[code] for value in values.values())


def tier(value: Decimal, tiers: list[tuple[int, str]]) -> Decimal:
    """Points of the first tier that the value does not exceed."""
    return next((Decimal(points) for most, points in tiers if value <= most), Decimal(0))


def score_of_stars(code: str, street: Street) -> Decimal:
    """A capped group, places among the streets, and the two best of three bonuses."""
    known = {one: other for one, other in REPORTED.items() if other.is_last_known}
    # Between two and five organisations the points lie on a line; fewer than two reach nothing.
    orgs = Decimal(20) + Decimal(20) * min(street.orgs - 2, 3) / 3 if street.orgs >= 2 else Decimal(0)
    venues = Decimal(street.venues) / 3 if street.venues < 3 else Decimal(5) / max(street.venues, 5)
    cadre_place = place(code, {one: other.cadres for one, other in known.items()}) if code in known else 99
    held = {one: sum(other.activities[quarter] for quarter in other.reported) for one, other in REPORTED.items()}
    percent = Decimal(100) * place(code, held) / len(REPORTED)
    fewest = min(other.count(MISSING) for other in STREETS_OF_2025.values())
    bonuses = [min(2 * max(street.cadres - 10, 0), 6), 3 * max(street.orgs - 3, 0)]
    main = min(orgs + min(4 * street.cadres, 40), Decimal(60))
    if not street.is_last_known:
        main, venues, bonuses = Decimal(0), Decimal(0), [0, 0]
    on_time = -(-street.count(ON_TIME_) // 2)
    places = (
        tier(Decimal(cadre_place), [(1, "10"), (3, "7.5"), (6, "5")])
        + tier(percent, [(20, "10"), (50, "6"), (80, "3")])
        + (10 if street.count(MISSING) == fewest else 0)
    )
    extra = min(sum(sorted([*bonuses, on_time])[-2:]), 12)
    return min(Decimal(100) * (main + 10 * venues + places) / 100 + extra, Decimal(110))


def test_a_paper_that_scores_streets_by_stars_and_district_and_city_on_scales_of_their_own(
    judged: SmallWarehouse, tmp_path: Path
) -> None:
    score_with(judged, rulebook_with("scheme_levels", tmp_path / "rulebook"), tmp_path)
    expected = {code: thousandths(score_of_stars(code, street)) for code, street in REPORTED.items()}
    assert scores(judged, "street") == expected
    covered = Decimal(len(LINKED)) / 22
    assert scores(judged, "district") == {DISTRICT: thousandths(Decimal(150) * (50 + 100 * covered) / 150)}
    # One of four reports is missing; a third of the group of 300 is for courses, which the city did not hold.
    assert scores(judged, "city") == {CITY: thousandths(Decimal(700) + Decimal(200) * 3 / 4)}
    [largest] = judged.rows(
        "select max_score from marts.mart_stage_score where unit_level = 'city' and stage_code = 'S1'"
    )
    assert largest == (900000,)
    by_unit = bands(judged)
    assert (by_unit[DISTRICT], by_unit[CITY]) == ("good" if covered >= Decimal("0.4") else "weak", "good")
    # Peers are first batch and first class (four streets), first batch and second class (three), and two pairs: one
    # fifth of none of them is a whole street. The first two of four tie for one place with four stars: both have it.
    ranked = sorted(expected, key=lambda code: -expected[code])
    assert "five" not in by_unit.values()
    assert {code for code in ranked if by_unit[code] == "four"} == four_stars(expected)


def four_stars(expected: dict[str, int]) -> set[str]:
    """30 % of the peers by score, whole streets only, ties in; a veto leaves at most this band."""
    from tests.support.wide_programme import FIRST_CLASS, SECOND_BATCH

    found = {code for code in (BANNED, STREETS[4]) if expected[code] >= 70000}
    peers: dict[tuple[bool, bool], list[str]] = {}
    for code in expected:
        peers.setdefault((code in SECOND_BATCH, code in FIRST_CLASS), []).append(code)
    for codes in peers.values():
        places = len(codes) * 300 // 1000
        free = sorted((code for code in codes if code not in (BANNED, STREETS[4])), key=lambda code: -expected[code])
        if places:
            least = max(expected[free[places - 1]], 70000)
            found |= {code for code in free if expected[code] >= least}
    return found


def score_of_deductions(code: str, street: Street) -> Decimal:
    """A hundred points less what is taken, with floors of items and of all together, and the better of two bonuses."""
    few = min(3 * max(10 - street.cadres, 0), 15) if street.is_last_known else 15
    late = min(Decimal("1.5") * street.count(LATE), Decimal(4))
    taken = min(12 * street.count(MISSING) + late + few, Decimal(45))
    venues = min(max(street.venues - 3, 0), 4) if street.is_last_known else 0
    return max(100 - taken + max(venues, 6 if code == STREETS[2] else 0), Decimal(40))


def test_a_paper_that_only_takes_from_a_hundred_with_shares_of_streets_in_each_band(
    judged: SmallWarehouse, tmp_path: Path
) -> None:
    score_with(judged, rulebook_with("scheme_deduct", tmp_path / "rulebook"), tmp_path)
    expected = {code: thousandths(score_of_deductions(code, street)) for code, street in REPORTED.items()}
    # A veto takes the whole score, down to the floor of the paper.
    assert scores(judged, "street") == {**expected, FAKED: 40000, BANNED: 40000, STREETS[4]: 40000}
    assert scores(judged, "district") == scores(judged, "city") == {}


def test_a_paper_for_districts_and_provinces_alone(judged: SmallWarehouse, tmp_path: Path) -> None:
    score_with(judged, rulebook_with("scheme_above", tmp_path / "rulebook"), tmp_path)
    covered = Decimal(600) / 22
    # Between 20 % and 100 % the points lie on a line from 2 to 4; no course was held, which counts in full.
    tiers = 2 + 2 * (covered - 20) / 80
    assert scores(judged, "district") == {DISTRICT: thousandths(tiers + 3 + 3)}
    # Three reports of four are missing and no street has 20,000 yuan of basic funds.
    assert scores(judged, "province") == {PROVINCE: 0}
    assert scores(judged, "street") == scores(judged, "city") == {}
    assert bands(judged) == {DISTRICT: "good", PROVINCE: "weak"}


def brought(points: int, earned: Decimal, available: int) -> Decimal:
    """What a group with points of its own gives, in whole thousandths."""
    return Decimal(thousandths(Decimal(points) * earned / available)) / 1000


def score_of_1000(code: str, street: Street) -> Decimal:
    """Three levels of groups: scaled, capped and with a floor, each inside another one; a veto of an inner group."""
    cadres, venues = (street.cadres, street.venues) if street.is_last_known else (0, 0)
    tiers = 60 if cadres >= 12 else 30 if cadres >= 8 else 0
    staff = min(150 * share_of(cadres, 12) + tiers, Decimal(200)) if code != FAKED else Decimal(0)
    orgs = street.orgs if street.is_last_known else 0
    # An item is whole thousandths of a point before it is brought to anything.
    network = brought(100, Decimal(4) if orgs > 4 else share_of(orgs, 2), orgs if orgs > 4 else 1)
    # Nobody had a term, which does not apply; of whom the last report is missing nobody knows: it counts as nothing.
    organisation = brought(350, staff + network, 300 if street.is_last_known else 350)
    meetings = min(10 * sum(street.meetings[quarter] for quarter in street.reported), 60)
    work = brought(250, Decimal(meetings + max(40 - 15 * street.count(MISSING), 5)), 100)
    paid = {payer: street.grants.count(payer) if street.is_last_known else 0 for payer in "省市区"}
    money = min(120 * paid["省"] + 60 * paid["市"] + min(20 * paid["区"], 60), 240)
    places = 100 * (Decimal(5) / venues if venues > 5 else share_of(venues, 3))
    praised = {PRAISED: 20, STREETS[2]: 45}.get(code, 0)
    bonus = min(max(praised, min(5 * max(venues - 4, 0), 20)), 40)
    beside = max(bonus - (30 if code == CENSURED else 0), -20)
    return max(brought(660, organisation + work, 600) + money + places + beside, Decimal(0))


def test_a_paper_of_1000_points_with_groups_inside_of_groups(judged: SmallWarehouse, tmp_path: Path) -> None:
    score_with(judged, rulebook_with("scheme_1000", tmp_path / "rulebook"), tmp_path)
    expected = {code: thousandths(score_of_1000(code, street)) for code, street in REPORTED.items()}
    assert scores(judged, "street") == expected
    assert len(set(expected.values())) > 8
