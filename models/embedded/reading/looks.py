"""Puts what is said of things afterwards before them: "a cat and a dog, cat black, dog brown"."""

from __future__ import annotations

import re

from ..world import COLOURS
from .sequences import LOOK, tidy
from .words import ANY_PLURAL, ANY_THING, COLOUR, COUNTS, LIKE, NOUNS, PLURALS, SIZE, SIZE_WORDS, refuse

NOUN = rf"{ANY_THING}"
NAMED = re.compile(
    rf"(?<![\w'-])(?P<article>the )?(?P<like>{LIKE})(?P<noun>{NOUN}|text_[a-z]+_)"
    r"(?![\w'-])"
)
LOOKS = rf"{LOOK}(?:, {LOOK})*(?:,? and {LOOK})?"
IN_TURN = re.compile(
    rf" ?[,;:.]? ?(?:(?:and|with|the|their|in) )*(?:colou?rs?:? )?(?:(?:being|is|are) )?"
    rf"(?P<looks>{LOOKS}),? (?:respectively|in (?:that|this|the same) order)(?= *(?:[.,;!?]|$))"
)
"""One look for each of the things before it."""
IS = r"(?: (?:are|is|being|should be|must be|in|all|both))*"
AFTERWARDS = re.compile(
    rf"(?P<before> ?[,;:.]| and) ?"
    r"(?P<every>(?:(?:both|all)(?: of)?(?: the| these| those)?|every|each|the) )?"
    rf"(?P<noun>{NOUN})(?P<is>{IS}) (?P<look>{LOOK})(?= *(?:[.,;!?]|$|and\b))"
)
"""What all of a kind are like, without an article."""

COUNTED = "|".join(word for word, number in COUNTS.items() if number > 1)
PLACED = re.compile(
    rf"(?P<before>[,;:.]| and) ?(?P<noun>{'|'.join(PLURALS)})"
    r"(?= (?:in|on|at|to the|above|below|over|under|beside|next to|left of|right of)\b)"
)

LISTED = re.compile(rf"(?:^|[,;:.] ?)(?:the )?{NOUN}$")
"""A bare thing, with which the next one shares what it is like."""
SAME = {"upper": "top", "lower": "bottom"}
OF_SIZE = re.compile(
    rf"(?:[,;:.]| and) ?(?:and )?the (?P<size>{SIZE}) one(?P<s>s?){IS} (?P<look>{COLOUR})"
    r"(?= *(?:[.,;!?]|$|and\b))"
)
AT_SIDE = re.compile(
    r"(?:[,;:.]| and) ?(?:and )?(?:the )?(?P<side>left|right|top|bottom|upper|lower)(?:[ -]?hand)? "
    rf"(?P<which>one|{'|'.join(NOUNS)})"
    rf"{IS} (?P<look>{LOOK})(?= *(?:[.,;!?]|$|and\b))"
)
EXCEPT = re.compile(
    rf"(?:[,;:.]| and) ?(?:they are |which are )?all(?: of them)?{IS} (?P<rest>{LOOK}),? (?:except|but)"
    rf"(?: for)? the (?P<noun>{NOUN}),?(?: (?:which|that|and that))?{IS} (?P<one>{LOOK})(?= "
    rf"*(?:[.,;!?]|$))"
)
SEVERAL = re.compile(rf"\b{ANY_PLURAL}\b")
LATER = re.compile(rf",?{IS} {LOOK}(?! {NOUN})")
"""What something is like, said after it."""
BOTH = re.compile(rf"(?:[,;:.]| and) ?both(?: of them)?{IS} (?P<look>{LOOK})(?= *(?:[.,;!?]|$))")


def with_looks(text: str) -> str:
    """``text`` in small letters, with what its things are like before their names."""
    text = with_exception(text)
    if match := IN_TURN.search(text):
        text = in_turn(text, match)
    at = 0
    while match := AFTERWARDS.search(text, at):
        at = match.end("before")
        before, after = text[: match.start()], text[match.end() :]
        looked = with_look(before, PLURALS.get(match["noun"], match["noun"]), tidy(match["look"]))
        listed = match["before"] == " and" and LISTED.search(before)
        if looked is not None and not listed and is_said_of_all(match, before):
            refuse_one_of_several(match, before)
            gap = "" if re.match(r" *(?:[.,;!?]|$)", after) else match["before"]
            text, at = f"{looked}{gap}{after}", len(looked)
    return pointed_at(with_looks_of_both(with_looks_of_sides(with_looks_of_sizes(text))))


def with_looks_of_sizes(text: str) -> str:
    """``text`` where "the small ones orange" is about what was called small, by itself."""
    at = 0
    while match := OF_SIZE.search(text, at):
        at, before = match.end(), text[: match.start()]
        named = [m for m in NAMED.finditer(before) if m["like"].strip() == match["size"]]
        if (
            len(named) == 1
            and not named[0]["article"]
            and (named[0]["noun"] in PLURALS) == bool(match["s"])
        ):
            noun = named[0].start("noun")
            before = f"{before[:noun]}{match['look']} {before[noun:]}"
            text, at = f"{before}{text[match.end() :]}", len(before)
    return text


def with_looks_of_sides(text: str) -> str:
    """``text`` where "the left one black" is about what was said to stand on the left, by itself."""
    at = 0
    while match := AT_SIDE.search(text, at):
        at, before = match.end(), text[: match.start()]
        side = SAME.get(match["side"], match["side"])
        there = re.compile(rf" (?:on|at|to|in) the (?:{side}|{match['side']})\b(?! (?:half|corner))")
        begin = max(before.rfind(stop) for stop in ".;!?") + 1
        named = [m for m in NAMED.finditer(before, begin) if there.match(before, m.end())]
        named = [m for m in named if match["which"] in ("one", m["noun"])]
        several = bool(named) and SEVERAL.search(before, named[0].end())
        clear = len(named) == 1 and not named[0]["article"] and not several
        if clear and not clash(named[0]["like"], match["look"]):
            begin, noun = named[0].start("like"), named[0].start("noun")
            like = tidy(f"{named[0]['like']}{match['look']}")
            before = f"{before[:begin]}{like} {before[noun:]}"
            text, at = f"{before}{text[match.end() :]}", len(before)
    return text


def with_looks_of_both(text: str) -> str:
    """``text`` where "both of them brown" is about the last two things, if both are called so, or about
    the only two beside a sign."""
    if match := BOTH.search(text):
        before, look = text[: match.start()], tidy(match["look"])
        named = [m for m in NAMED.finditer(before) if not m["article"]]
        things = [m for m in named if "_" not in m["noun"]]
        alike = len(named) > 1 and named[-1]["noun"] == named[-2]["noun"]
        looked = with_look(before, named[-1]["noun"], look) if alike else None
        if not alike and len(things) == 2 < len(named):
            looked = before
            for noun in (m["noun"] for m in things):
                looked = with_look(looked, PLURALS.get(noun, noun), look) if looked else None
        text = f"{looked}{text[match.end() :]}" if looked else text
    return text


def with_exception(text: str) -> str:
    """``text`` where "all black except the bird, which is blue" is about each thing of its sentence."""
    match = EXCEPT.search(text)
    begin = max(text.rfind(stop, 0, match.start()) for stop in ".;!?") + 1 if match else 0
    named = [m for m in NAMED.finditer(text, begin, match.start()) if not m["article"]] if match else []
    nouns = [m["noun"] for m in named]
    if match is None or nouns.count(match["noun"]) != 1 or len(nouns) < 2:
        return text
    looks = [match["one"] if m["noun"] == match["noun"] else match["rest"] for m in named]
    if any(clash(m["like"], look) for m, look in zip(named, looks, strict=True)):
        return text
    text = text[: match.start()] + text[match.end() :]
    for thing, look in reversed([*zip(named, looks, strict=True)]):
        like = tidy(f"{thing['like']}{look}")
        text = f"{text[: thing.start('like')]}{like} {text[thing.start('noun') :]}"
    return text


def refuse_one_of_several(match: re.Match[str], before: str) -> None:
    """Refuses "two cats, cat red, cat blue", that names one where there are several.

    Raises:
        NotInWorldError: it does.
    """
    whole = re.match(r"both|all|every|each", match["every"] or "")
    named = {m["noun"] for m in NAMED.finditer(before)}
    if whole or match["noun"] in PLURALS or match["noun"] in named:
        return
    if any(PLURALS.get(noun) == match["noun"] for noun in named):
        raise refuse(f"'{match['noun']} {match['look']}', of several (say how many of each)")


def is_said_of_all(match: re.Match[str], before: str) -> bool:
    """Whether a clause is about things named before: "both bells yellow", "cats black", "the cats"
    after several of them; but "a dog, cats are black" may name more of them."""
    if match["every"] and match["every"].strip() == "the":
        named = [m for m in NAMED.finditer(before) if not m["article"]]
        noun = PLURALS.get(match["noun"])
        return noun is not None and [m["noun"] for m in named].count(noun) > 1
    return bool(match["every"]) or not match["is"]


def pointed_at(text: str) -> str:
    """``text`` with "the" before a bare plural that was counted before and now is placed: "two cats and
    two dogs, cats on the left"."""

    def the(match: re.Match[str]) -> str:
        before = text[: match.start()]
        named = [m for m in NAMED.finditer(before) if m["noun"] == match["noun"]]
        counted = len(named) == 1 and re.search(rf"(?:{COUNTED}) $", before[: named[0].start("like")])
        bare = counted and re.match(r" *(?:[,;:.]|and\b)", text[named[0].end() :])
        return f"{match['before']} the {match['noun']}" if bare else match[0]

    return PLACED.sub(the, text)


def with_look(text: str, noun: str, look: str) -> str | None:
    """``text`` with a look for each thing called so; None: there is none, or one has such a look."""
    found = [m for m in NAMED.finditer(text) if PLURALS.get(m["noun"], m["noun"]) == noun]
    first = [m for m in found if not m["article"]]
    if not first or any(clash(m["like"], look) or LATER.match(text, m.end()) for m in found):
        return None
    for match in reversed(first):
        at = match.start("noun")
        text = f"{text[: match.start('like')]}{tidy(match['like'] + look)} {text[at:]}"
    return text


def clash(like: str, look: str) -> bool:
    """Whether a thing has a colour, or a size, already."""
    said, new = {*like.split()}, {*look.split()}
    tables = (COLOURS.keys(), SIZE_WORDS.keys())
    return any(said & table and new & table for table in tables)


def in_turn(text: str, match: re.Match[str]) -> str:
    """ "a cat and a dog, red and blue respectively" as "a red cat and a blue dog"; ``text`` itself
    where there are not as many things as looks, or some have such a look."""
    looks = [tidy(look) for look in re.findall(LOOK, match["looks"])]
    begin = max(text.rfind(stop, 0, match.start()) for stop in ".;!?") + 1
    named = [m for m in NAMED.finditer(text, begin, match.start()) if not m["article"]]
    fits = len(named) == len(looks) > 1
    if not fits or any(clash(m["like"], look) for m, look in zip(named, looks, strict=True)):
        return text
    text = text[: match.start()] + text[match.end() :]
    for thing, look in reversed([*zip(named, looks, strict=True)]):
        at = thing.start("like")
        text = f"{text[:at]}{tidy(thing['like'] + look)} {text[thing.start('noun') :]}"
    return text
