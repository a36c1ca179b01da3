"""Reads what stands all around something: "a heart surrounded by four stars"."""

from __future__ import annotations

import re

from .words import ANY_PLURAL, ANY_THING, COUNTS, LIKE, NOUNS, refuse

THING = rf"(?P<article>an?|one|the) (?P<like>{LIKE})(?P<noun>{'|'.join(NOUNS)})\b"
CENTRE = r"(?:exact |very )?(?:middle|cent(?:er|re))"
MIDDLE = rf"(?P<middle>(?: (?:placed )?in the {CENTRE}(?: of the (?:picture|page|image))?)?)"
MANY = "|".join([*COUNTS, "nine", "ten", "twelve", "some", "many", "lots of"])
OTHERS = rf"(?:(?P<number>{MANY}) )?(?:of )?(?P<others>{LIKE}{ANY_PLURAL})\b"
RING = r"(?:(?:an?|the) (?:ring|circle|wreath|cluster) of )?"
IS = r"(?:,? (?:(?:which|that) )?(?:is |and is )?|,? )"
SURROUNDED = re.compile(
    rf"\b{THING}{MIDDLE}{IS}(?:completely |all )?(?:surrounded|encircled|ringed)"
    rf"(?: on (?:all|every|four|all four) sides?)? (?:by|with) {RING}{OTHERS}"
)
AROUND = re.compile(
    rf"\b{RING}{OTHERS},?(?: (?:are|arranged|placed|standing|sitting|that are))? (?:all )?"
    rf"(?:around|surrounding|encircling) {THING}{MIDDLE}"
)
WITH = re.compile(
    rf"\b{THING}{MIDDLE}(?:,| and| with)* {RING}{OTHERS} (?:all )?(?:around|surrounding) "
    r"(?:it|him|her|the \w+)\b"
)
AMID = re.compile(rf"\b{THING} (?:in the {CENTRE} of|amid|amidst|among) {RING}{OTHERS}")
ONE_MORE = rf"(?:(?:{MANY}|the) )?(?:of )?{LIKE}{ANY_THING}\b"
BEFORE = re.compile(rf"{ONE_MORE}(?:,? and|,) $")
AFTER = re.compile(rf"(?:, {ONE_MORE})*,? and {ONE_MORE}(?= *(?:[.,;!?]|$))")
SIDES = 4
"""How many stand left of, right of, above and below one."""


def with_surroundings(text: str) -> str:
    """``text`` in small letters, what stands around something next to it.

    Raises:
        NotInWorldError: more than four should stand around one, or things of several kinds.
    """
    for pattern in (SURROUNDED, WITH, AROUND):
        text = pattern.sub(around, text)
    return AMID.sub(lambda match: around(match) if number_in(match) > 2 else match[0], text)


def number_in(match: re.Match[str]) -> int:
    """How many stand around: as many as there is room for where it is not said."""
    return COUNTS.get(match["number"], 0) if match["number"] else SIDES


def around(match: re.Match[str]) -> str:
    """ "a heart, four stars next to the heart"; two are on both sides of it.

    Raises:
        NotInWorldError: more than four stand around it, or it or they are in a list.
    """
    text, number = match.string, number_in(match)
    if BEFORE.search(text[: match.start()]) or AFTER.match(text, match.end()):
        raise refuse("several things around one, or one around several (say where each stands)")
    if not 1 < number <= SIDES:
        raise refuse(f"{match['number']} around one thing (up to four stand next to it)")
    thing = f"{match['like']}{match['noun']}"
    where = "on both sides of" if number == 2 else "next to"
    one = f"{match['article']} {thing}{match.groupdict().get('middle') or ''}"
    return f"{one}, {match['number'] or 'four'} {match['others']} {where} the {thing}"
