"""Reads what each of several has of its own: "two snowmen, each with a hat on top"."""

from __future__ import annotations

import re
from functools import partial

from .words import ANY_NOUN, ANY_PLURAL, ANY_THING, COUNTS, LIKE, NOUNS, PLURALS, refuse

NUMBER = rf"(?P<number>{'|'.join(word for word, count in COUNTS.items() if 1 < count < 5)})"
SEVERAL = rf"{NUMBER} (?:of )?(?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})\b"
BETWEEN = (
    r"(?P<between>(?: (?:in a (?:row|column|line)|side by side|on (?:a|the) \w+|at night|by day))?)"
)
ONE = rf"(?:an?|one|its own|their own) (?P<other_like>{LIKE})(?P<other>{'|'.join(NOUNS)})\b"
EACH = (
    r"(?:each|every)(?: single)?"
    r"(?: (?:one|of (?:them|these|which)|\w+(?= (?:has|having|with)\b)))?"
)
HAS = r"(?:has(?: got)?|have|having|with|gets?)"
SIDE = {
    "above": r"on (?:the )?top(?: of (?:it|them|each))?|above(?: (?:it|them|each))?"
    r"|over (?:it|them|each)|overhead|on (?:its|their) (?:heads?|roofs?)|on it",
    "below": r"(?:below|beneath|under|underneath)(?: (?:it|them|each))?",
    "left of": r"(?:to|on) (?:the|its|their) left(?: (?:side|of it))?",
    "right of": r"(?:to|on) (?:the|its|their) right(?: (?:side|of it))?",
    "next to": r"(?:next to|beside|by|near) (?:it|them|each)|(?:at|by|on) (?:its|their) sides?"
    r"|(?= *(?:[.,;!?]|$))",
}
"""Where what each has stands, seen from it; where nothing is said, next to it."""
STANDS = {
    "above": r"above|over|on top of|on",
    "below": r"below|beneath|under|underneath",
    "left of": r"(?:to the )?left of",
    "right of": r"(?:to the )?right of",
    "next to": r"next to|beside|near",
}
OPPOSITE = {"above": "below", "left of": "right of", "next to": "next to"}
OPPOSITE |= {other: name for name, other in OPPOSITE.items()}
IN_SHORT = "|".join(said.partition("|(?=")[0] for said in SIDE.values())
IN_ORDER = "|".join(f"(?P<s{at}>{said})" for at, said in enumerate(SIDE.values()))
STOOD = "|".join(f"(?P<r{at}>{said})" for at, said in enumerate(STANDS.values()))
VERB = r"(?:(?:is|are|stands?|standing|sits?|sitting|lies|lying|placed|hiding|which is|that is) )?"
THEM = (
    rf"(?:each|every)(?: (?:one|single one|of (?:them|these|those|which|the {ANY_PLURAL})"
    rf"|{ANY_NOUN}))?"
)
JOINED = r"(?:,| and| with| then)*"
SHARED = re.compile(rf"\beach of (?:the )?(?=(?P<several>{SEVERAL}) {HAS}\b)(?P=several) {HAS}")
WITH = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} {EACH} {HAS} {ONE}(?: {VERB}(?=\w)|(?=\W|$))(?:{IN_ORDER})(?!\w)"
)
THEN_EACH = IN_ORDER.replace("$", " each")
LAST = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} {HAS} {ONE}(?: {VERB}(?=\w)|(?= each))(?:{THEN_EACH})"
    r",? each(?! other)(?!\w)"
)
UNDER = re.compile(rf"\b{SEVERAL}{BETWEEN}{JOINED} {EACH} {VERB}(?:{STOOD}) {ONE}")
OVER = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} (?:there (?:is|should be) )?{ONE} {VERB}(?:{STOOD}) {THEM}"
    r"(?!\w| [a-z]+s\b)"
)
FOR = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} {ONE},? (?:for )?(?:each|every)(?: one)?(?: of (?:them|these))?"
    r"(?= *(?:[.,;!?]|$))(?P<s4>)"
)
"""One for each, near it."""
OWNED = re.compile(
    rf"\b(?:each|every)(?: (?:one|(?P<noun>{'|'.join(NOUNS)})))? {VERB}(?:{STOOD}) "
    rf"(?:its|their)(?: own)? (?P<other_like>{LIKE})(?P<other>{'|'.join(NOUNS)})\b"
)
"""What is said of two kinds that were named before, as many of each."""
FIRST = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} (?:{STOOD}) {THEM}(?: there (?:is|should be))?,? {ONE}"
)
MORE = re.compile(
    rf"(?:,? and|,)(?: with)? (?:another )?{ONE}(?: {VERB}(?=\w)|(?=\W|$))(?:{IN_ORDER})(?! of\b)(?!\w)"
)
"""What else each of several has."""
ALSO = re.compile(rf"(?:,? and|,) {VERB}(?:{'|'.join(STANDS.values())}) (?:an?|one|its|their)\b")
BOTH_WAYS = re.compile(
    rf",? and (?:{'|'.join(STANDS.values())}|(?:to|on) (?:the|its|their) (?:left|right))(?: it| them)?"
    r"(?= *(?:[.,;!?]|$))"
    rf"|,? and (?:{NUMBER.replace('number', 'many')}) {LIKE}{ANY_PLURAL} (?:{IN_SHORT})"
)
"""More that each has, and how many of it cannot be read."""
OF_THESE = re.compile(
    rf"\b(?:each|every)(?: single)? (?:of the )?(?P<noun>{'|'.join([*NOUNS, *PLURALS])})\b"
)
AFTER_A_THING = re.compile(rf"\b{ANY_THING}(?:,? and|,) $")
HATS = re.compile(
    rf"\b(?P<several>{SEVERAL}{BETWEEN}) with (?P<other_like>{LIKE})(?P<others>{'|'.join(PLURALS)})"
    r" on (?:the )?(?:top|their heads?)(?: of (?:them|it))?(?!\w)"
)
SOME_ONE = rf"(?:an?|one|its|their|his|her)(?: own)? {LIKE}{ANY_NOUN}\b"
THEIRS = re.compile(
    rf"\b(?:they )?{THEM}(?: also| then)? (?:{HAS}|{VERB}(?:{STOOD})) {SOME_ONE}"
    rf"|\b(?:both|all|they)(?: of (?:them|these))?(?: (?:of )?(?:the )?{ANY_PLURAL})?"
    rf"(?: all| both)?(?: also)? {HAS} {SOME_ONE}"
    r"|\b(?:for|per) (?:each|every)\b(?! (?:side|corner|row|column|of the (?:four )?corners)\b)"
)
"""What of each of several cannot be read, as it is not said right after them."""


def with_pairings(text: str) -> str:
    """``text`` in small letters, with as many of what each of several has, and how each stands to its
    own."""
    text = HATS.sub(with_hats, SHARED.sub(r"\g<several>, each with", text))
    for pattern in (WITH, LAST, OVER):
        text = with_more(text, pattern)
    for pattern, turned in ((WITH, False), (LAST, False), (UNDER, True), (OVER, False), (FIRST, False)):
        text = pattern.sub(partial(paired, turned=turned), text)
    text = OWNED.sub(of_named, FOR.sub(partial(paired, turned=False), text))
    if found := THEIRS.search(text):
        raise refuse(f"{found[0]!r} of several (say how many there are, and where each stands)")
    return text


def with_hats(match: re.Match[str]) -> str:
    """ "two cats with hats on top": each with one."""
    return f"{match['several']}, each with a {match['other_like']}{PLURALS[match['others']]} on top"


def with_more(text: str, pattern: re.Pattern[str]) -> str:
    """``text`` with what each of several has beside what ``pattern`` finds, right after that.

    Raises:
        NotInWorldError: they have two of a kind.
    """
    first = pattern.search(text)
    at = first.end() if first else 0
    while first and (more := MORE.match(text, at)):
        if not is_each_ones(more):
            return text
        said = f"; {of_each(first, more)}"
        text = f"{text[:at]}{said}{text[more.end() :]}"
        at += len(said)
    return text


def is_each_ones(more: re.Match[str]) -> bool:
    """Whether each of several has what a match says, or it is something else beside them.

    Raises:
        NotInWorldError: it could be either.
    """
    comma, pointed = more[0].startswith(","), re.search(r"\b(?:its?|their|them|each)\b", more[0])
    if more["s4"] == "" and comma:
        return False
    if more["s4"] == "" or (comma and not pointed):
        raise refuse(f"{more[0].strip(' ,')!r} after what each has (say how many)")
    return True


def of_each(first: re.Match[str], more: re.Match[str]) -> str:
    """ "two stars, the cats each below one of the stars".

    Raises:
        NotInWorldError: they have two of a kind.
    """
    one = f"{first['like']}{first['noun']}"
    if NOUNS[more["other"]] in {NOUNS[first["other"]], NOUNS[PLURALS[first["noun"]]]}:
        raise refuse(f"two of a kind with each of the {one} (say how many there are)")
    several = f"{more['other_like']}{several_of(more['other'])}"
    side = OPPOSITE[next(name for at, name in enumerate(SIDE) if more[f"s{at}"] is not None)]
    return f"{first['number']} {several}, the {one} each {side} one of the {several}"


def several_of(noun: str) -> str:
    """The plural of a noun."""
    return next(word for word, name in PLURALS.items() if name == noun)


def of_named(match: re.Match[str]) -> str:
    """ "the frogs each above one of the leaves"; the match itself where it does not name the frogs."""
    side = next(name for at, name in enumerate(STANDS) if match[f"r{at}"])
    if match["noun"] is None:
        return match[0]
    one, other = (
        next(word for word, noun in PLURALS.items() if noun == match[name])
        for name in ("noun", "other")
    )
    return f"the {one} each {side} one of the {match['other_like']}{other}"


def paired(match: re.Match[str], *, turned: bool) -> str:
    """ "two snowmen, two hats, the snowmen each below one of the hats"; ``turned``: the match says how
    each stands to its own, and not how that stands to it.

    Raises:
        NotInWorldError: each has more, or they may be all of a list.
    """
    said = match.groupdict()
    side = next(
        name for at, name in enumerate(SIDE) if {said.get(f"s{at}"), said.get(f"r{at}")} != {None}
    )
    relation = side if turned else OPPOSITE[side]
    one = f"{match['like']}{match['noun']}"
    other = f"{match['other_like']}{several_of(match['other'])}"
    these = OF_THESE.search(match[0])
    if these and NOUNS[PLURALS.get(these["noun"], these["noun"])] != NOUNS[PLURALS[match["noun"]]]:
        return match[0]
    refuse_more(match, ALSO if turned else BOTH_WAYS, listed=these is None)
    if PLURALS[match["noun"]] == match["other"] and match["like"] == match["other_like"]:
        return match[0]
    return (
        f"{match['number']} {one}{match['between']}, {match['number']} {other}, "
        f"the {one} each {relation} one of the {other}"
    )


def refuse_more(match: re.Match[str], more: re.Pattern[str], *, listed: bool) -> None:
    """Refuses what each of several has where more is said of it, or who has it is open.

    Raises:
        NotInWorldError: ``more`` comes after it; or, where ``listed``, another thing before them.
    """
    if more.match(match.string, match.end()):
        raise refuse("more than one thing to each of several (say how many, and where each stands)")
    if listed and AFTER_A_THING.search(match.string[: match.start()]):
        raise refuse("'each' after a list (say each of what)")
