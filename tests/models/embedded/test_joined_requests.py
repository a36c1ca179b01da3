"""Two requests, one after the other, mean what each of them means."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from gems.errors import NotInWorldError
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.wish import Group, Wish
from gems.models.embedded.world import MAX_OBJECTS

KEPT = Path(__file__).parents[2] / "newcomers_unseen.jsonl"
PAIRS = 3000


def parts(wish: Wish) -> tuple[list[str], ...]:
    """Groups, relations, places and lines, each by the groups' words, in no order."""

    def name(index: int) -> str:
        return named(wish.groups[index])

    relations = [(name(r.subject), r.name, sorted(map(name, r.objects))) for r in wish.relations]
    lines = [(sorted(map(name, line.groups)), line.name) for line in wish.lines]
    places = [(name(owner), place) for owner, place in wish.places]
    found = ([named(group) for group in wish.groups], relations, places, lines)
    return tuple(sorted(map(str, items)) for items in found)


def named(group: Group) -> str:
    return f"{group.words()}"


def can_be_joined(one: Wish, other: Wish) -> bool:
    names = [{group.kind.name for group in wish.groups} for wish in (one, other)]
    apart = not names[0] & names[1] and None not in names[0] | names[1]
    grounds = {one.ground, other.ground} - {None}
    return apart and len(grounds) < 2 and one.total + other.total <= MAX_OBJECTS


@pytest.mark.slow
def test_two_requests_as_two_sentences_mean_what_each_means() -> None:
    rows = [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()]
    # "them" after several sentences is about all of them.
    kept = [
        r["prompt"]
        for r in rows
        if r["means"] and "\n" not in r["prompt"] and " them" not in r["prompt"]
    ]
    rng, wrong, read = random.Random(1), list[str](), 0
    for _ in range(PAIRS):
        one, other = rng.sample(kept, 2)
        wishes = read_prompt(one), read_prompt(other)
        if not can_be_joined(*wishes):
            continue
        joined = f"{one.rstrip(' .!')}. {other}"
        try:
            found = parts(read_prompt(joined))
        except NotInWorldError:
            continue
        read += 1
        if found != tuple(sorted(a + b) for a, b in zip(*map(parts, wishes), strict=True)):
            wrong.append(joined)
    assert not wrong and read > PAIRS // 4
