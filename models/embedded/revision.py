"""What a person says of a request, worked into it, and what that makes of its questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ...errors import NotInWorldError
from .changes import changed, stands_alone
from .descriptions import described
from .questions import questions_for
from .reading.grammar import read_prompt
from .reading.words import refuse
from .subjects import group_in
from .wish import Wish

COLOUR = "What colour should the {} be?"
GROUND = "Should it be by day, on a meadow or at night?"
OPEN = re.compile(
    r"(?i)(?!.*\b(?:but|except|only|or)\b)"
    r"(?:.*\b(?:any|anything|either|whatever|no matter|up to you|surprise me|"
    r"you (?:choose|decide|pick)|(?:do not|don't|doesn't|does not) (?:care|mind|know|matter))\b.*"
    r"|(?:no|nope|none|nothing|no (?:idea|preference|opinion)|skip(?: (?:it|this))?|pass|open|"
    r"leave it(?: open)?|not sure|unsure|same|[-?]+)[ .!]*)"
)
"""Answers that leave it open."""


def open_in(wish: Wish) -> list[str]:
    """What a wish leaves open, as questions: the colours of two kinds, and the ground."""
    kinds = [g.kind for g in wish.groups if g.count and g.kind.colour is None and g.kind.name]
    asked = [COLOUR.format(kind.words(1)) for kind in dict.fromkeys(kinds)][:2]
    return [*asked, *([] if wish.ground else [GROUND])]


COLOURED = re.compile(re.escape(COLOUR).replace(r"\{\}", "(.+)"))

ROUND_A_LOOK = re.compile(
    r"(?i)^(?:(?:all|both|make|paint|it|them|they|should|must|be|is|are|in)\s+)+"
    r"|(?:,? (?:please|ones?))+[.!]*$"
)
"""What stands around the colour in an answer."""


def answered(request: str, *, asked: str, answer: str) -> str:
    """``request`` with an answer to one of the questions worked in.

    Raises:
        NotInWorldError: it is no answer that this world knows.
    """
    thing = COLOURED.fullmatch(asked)
    if thing is None:
        return changed(request, answer)
    look = ROUND_A_LOOK.sub("", answer.strip())
    look = re.sub(r"(?i)\bone ", "", look) if len(re.findall(r"(?i)\bone ", look)) > 1 else look
    return changed(request, f"make all {thing[1]} {look}")


def edited(request: str, *, before: str, after: str) -> str:
    """``request`` with one statement of how many there are of a kind put in other words.

    Raises:
        NotInWorldError: nobody can tell what of the request it is.
    """
    wish = read_prompt(request)
    try:
        old, new = group_in(before), group_in(after)
    except NotInWorldError:
        return changed(request, after)
    there = [index for index, group in enumerate(wish.groups) if group.kind == old.kind]
    if len(there) != 1:
        raise refuse(f"{after[:40]!r} instead of {before[:40]!r} (say what to change in the request)")
    wish.groups[there[0]] = new
    return described(wish)


def worked_in(said: Mapping[str, Any]) -> Iterator[Callable[[str], str]]:
    """What a person said, as one change of a request after another."""
    for item in said.get("answers", ()):
        if not OPEN.fullmatch(item["answer"].strip()):
            yield partial(answered, asked=item["question"], answer=item["answer"])
    yield from (partial(changed, change=f"add {words}") for words in said.get("add", ()))
    for item in said.get("edit", ()):
        yield partial(edited, before=item["before"], after=item["after"])
    for words in (*said.get("words", "").splitlines(), said.get("change", "")):
        if words.strip():
            yield partial(changed, change=words)


def revise(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The reviser's answer.

    Raises:
        NotInWorldError: what was said is no change that this world knows.
    """
    request = fields["request"]
    if stands_alone(fields["said"].get("change", "")):
        return {"anew": True, "request": fields["said"]["change"]}
    before = {item["statement"] for item in questions_for(read_prompt(request))}
    changes = list(worked_in(fields["said"]))
    for change in changes:
        request = change(request)
    asked = questions_for(read_prompt(request))
    after = {item["statement"] for item in asked}
    drop = [
        item["number"]
        for item in fields["requirements"]
        if item["statement"] in before and item["statement"] not in after
    ]
    prompt = redrawn(fields["drawn"], changes) if fields["drawn"] else ""
    return {"request": request, "prompt": prompt, "drop": drop, "questions": asked}


def redrawn(drawn: str, changes: list[Callable[[str], str]]) -> str:
    """The prompt that was drawn, with what changed; empty where that is not to be had."""
    try:
        for change in changes:
            drawn = change(drawn)
    except NotInWorldError:
        return ""
    return drawn
