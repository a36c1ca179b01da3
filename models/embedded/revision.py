"""What a person says of a request, worked into it, and what that makes of its questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import NotInWorldError
from .changes import changed, stands_alone
from .grammar import read_prompt
from .questions import questions_for
from .wish import Wish

COLOUR = "What colour should the {} be?"
GROUND = "Should it be by day, on a meadow or at night?"
ANY = re.compile(r"(?i)any|either|whatever|no matter|(?:i )?(?:do not|don't) (?:care|mind|know)")
"""Answers that leave it open."""


def open_in(wish: Wish) -> list[str]:
    """What a wish leaves open, as questions: the colours of two kinds, and the ground."""
    kinds = [g.kind for g in wish.groups if g.count and g.kind.colour is None and g.kind.name]
    asked = [COLOUR.format(kind.words(1)) for kind in dict.fromkeys(kinds)][:2]
    return [*asked, *([] if wish.ground else [GROUND])]


def changes_in(said: Mapping[str, Any]) -> Iterator[str]:
    """What a person said, as one change after another."""
    colour = re.compile(re.escape(COLOUR).replace(r"\{\}", "(.+)"))
    for item in said.get("answers", ()):
        if ANY.search(item["answer"]):
            continue
        asked = colour.fullmatch(item["question"])
        yield f"make the {asked[1]} {item['answer']}" if asked else item["answer"]
    yield from (f"add {words}" for words in said.get("add", ()))
    yield from (item["after"] for item in said.get("edit", ()))
    yield from filter(None, [said.get("words", ""), said.get("change", "")])


def revise(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The reviser's answer.

    Raises:
        NotInWorldError: what was said is no change that this world knows.
    """
    request = fields["request"]
    if stands_alone(fields["said"].get("change", "")):
        return {"anew": True, "request": fields["said"]["change"]}
    before = {item["statement"] for item in questions_for(read_prompt(request))}
    changes = list(changes_in(fields["said"]))
    for change in changes:
        request = changed(request, change)
    asked = questions_for(read_prompt(request))
    after = {item["statement"] for item in asked}
    drop = [
        item["number"]
        for item in fields["requirements"]
        if item["statement"] in before and item["statement"] not in after
    ]
    prompt = redrawn(fields["drawn"], changes) if fields["drawn"] else ""
    return {"request": request, "prompt": prompt, "drop": drop, "questions": asked}


def redrawn(drawn: str, changes: list[str]) -> str:
    """The prompt that was drawn, with what changed; empty where that is not to be had."""
    try:
        for change in changes:
            drawn = changed(drawn, change)
    except NotInWorldError:
        return ""
    return drawn
