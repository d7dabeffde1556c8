"""The sheet of a street's staff: posts that people take, leave and hand on from quarter to quarter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from samples.calendar import Period
from samples.street_context import PeriodRows, Row, Street, day_before
from samples.words import between, shape

BEFORE_THE_SAMPLE = 0


@dataclass
class Post:
    """A post that is filled from the period ``opens`` on; ``member_from`` is when its holder joins the committee.

    ``community`` is the one that whoever holds the post serves.
    """

    kind: str
    opens: int = BEFORE_THE_SAMPLE
    member_from: int | None = None
    is_given_up: bool = False
    community: str | None = None


def _cadre_posts(street: Street, rng: random.Random) -> list[Post]:
    """Full-time and part-time cadres: enough of them, exactly enough, or too few until the shortfall is mended."""
    bound = shape()["rules"]["3d"]["lower"]
    total = bound if "cadres_at_bound" in street.plan.boundaries else between(rng, "cadres")
    short_until = street.plan.shortfalls.get("3d", 0)
    early = bound - rng.randint(1, 3) if short_until else total
    full_time = between(rng, "full_time")
    posts = [
        Post("专职团干部" if place < full_time else "兼职团干部", short_until if place >= early else BEFORE_THE_SAMPLE)
        for place in range(total)
    ]
    if short_until:
        # One who left during the first quarter: on the list, but no longer in post at its end.
        posts.append(Post("兼职团干部", is_given_up=True))
    return posts


def _make_members(street: Street, rng: random.Random, posts: list[Post]) -> None:
    """Let holders of posts sit on the committee without belonging to the establishment."""
    bound = shape()["rules"]["3.3"]["lower"]
    at_bound = "members_at_bound" in street.plan.boundaries
    wanted = bound if at_bound else between(rng, "off_establishment")
    short_until = street.plan.shortfalls.get("3.3", 0)
    early = bound - rng.randint(1, 3) if short_until else wanted
    able = [post for post in posts if post.kind in ("兼职团干部", "固定志愿者")]
    lasting = [post for post in able if post.opens == BEFORE_THE_SAMPLE and not post.is_given_up]
    while len(lasting) < wanted:
        lasting.append(Post("固定志愿者"))
        posts.append(lasting[-1])
    for place, post in enumerate(lasting[:wanted]):
        post.member_from = BEFORE_THE_SAMPLE if place < early else short_until


def _posts(street: Street, rng: random.Random) -> list[Post]:
    posts = _cadre_posts(street, rng)
    workers_from = street.plan.shortfalls.get("3e", BEFORE_THE_SAMPLE)
    posts += [Post("青年社工", workers_from) for _ in range(between(rng, "social_workers"))]
    posts += [Post("专职志愿者", workers_from) for _ in range(between(rng, "full_time_volunteers"))]
    posts += [Post("固定志愿者") for _ in range(between(rng, "fixed_volunteers"))]
    _make_members(street, rng, posts)
    if street.chance("communities").random() < shape()["chances"]["communities_covered"]:
        posts += [Post("固定志愿者", community=community) for community in street.communities]
    return posts


def _newcomer(street: Street, rng: random.Random, post: Post) -> Row:
    community = rng.choice(street.communities) if street.communities and rng.random() < 0.6 else None
    return {
        "person_name": street.namer.person(),
        "phone_tail": f"{rng.randrange(10_000):04d}",
        "person_kind": post.kind,
        "is_off_establishment_member": False,
        "community_code": post.community or community,
        "start_on": None,
        "end_on": None,
    }


def _hand_over(street: Street, rng: random.Random, post: Post, period: Period, holder: Row) -> tuple[Row, list[Row]]:
    """The holder leaves during the period: who holds the post next, and the lines of this period."""
    to_the_last = rng.random() < 0.25
    ends_on = period.ends_on if to_the_last else period.day(rng.uniform(0.4, 0.8))
    # One who starts in this very period must not end before.
    if ends_on <= holder["start_on"]:
        return holder, [dict(holder)]
    gone = {**holder, "end_on": ends_on}
    heir = _newcomer(street, rng, post) | {"start_on": ends_on + timedelta(days=1)}
    if post.is_given_up or to_the_last:
        return heir, [gone]
    heir["is_off_establishment_member"] = holder["is_off_establishment_member"]
    return heir, [gone, dict(heir)]


def people(street: Street) -> PeriodRows:
    """Lines of 工作力量 per period: those in post at the end of the period and those who left during it."""
    rng = street.chance("people")
    sheets = street.blank()
    first_day = street.periods[0].starts_on
    for post in _posts(street, rng):
        holder: Row | None = None
        for period in street.periods[post.opens :]:
            if holder is None:
                holder = _newcomer(street, rng, post)
                early = post.opens == BEFORE_THE_SAMPLE
                holder["start_on"] = day_before(rng, first_day, 60, 900) if early else period.day(rng.uniform(0.1, 0.9))
            holder["is_off_establishment_member"] = post.member_from is not None and period.index >= post.member_from
            if post.is_given_up:
                sheets[period.index].append(holder | {"end_on": period.day(0.5)})
                break
            if rng.random() < shape()["chances"]["person_leaves"]:
                holder, lines = _hand_over(street, rng, post, period, holder)
                sheets[period.index] += lines
            else:
                sheets[period.index].append(dict(holder))
    return sheets
