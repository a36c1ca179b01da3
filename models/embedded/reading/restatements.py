"""Reads what is said twice: "a frog under a crown, green frog", "a cat above a dog (cat red, dog
blue)", "I asked for a cup. Again: a red cup"."""

from __future__ import annotations

import re

from .asides import OF_THE_WORLD
from .corrections import LOOK, PHRASE, THING
from .looks import clash
from .words import ANY_LOOK, ANY_PLURAL, NOUNS, PLURALS, refuse

LOOKS = rf"{ANY_LOOK}(?:(?:,? and |, ?| ){ANY_LOOK})*"
TOLD_AFTER = re.compile(
    rf",? ?\(?(?P<told>(?:the )?{THING} (?:is |are )?{LOOKS}(?:,? (?:and )?(?:the )?{THING} (?:is "
    rf"|are )?{LOOKS})+)\)?(?= *(?:[.!?]|$))"
)
TOLD = re.compile(rf"(?P<noun>{THING}) (?:is |are )?(?P<look>{LOOKS})")
OTHERS = rf"an? {LOOKS} {THING}"
PERHAPS_AGAIN = re.compile(rf"[,:.] ?(?P<told>{OTHERS}(?:(?:,| and|, and) {OTHERS})+)(?= *(?:[.!]|$))")
"""Things that may be those named before, or more of them."""
LOOKED_ONE = re.compile(rf"(?P<look>{LOOKS}) (?P<noun>{THING})")
FOLLOWED = re.compile(
    rf", (?P<look>{LOOKS}) (?P<noun>{THING})(?:,? (?:please|pls|obviously|obvs|of course|lol))*"
    rf"(?=[.!]? *$)"
)
LOOKED = rf"(?:the )?{LOOKS} {THING}"
"""What a thing is like that was named before."""
LOOKED_AFTER = re.compile(
    rf"(?:[,:.]| \() ?(?P<told>{LOOKED}(?:(?:,| and|, and) {LOOKED})+)\)?(?= *(?:[.!]|$))"
)
RICHER = re.compile(rf"\b(?:an?|one) (?P<noun>{THING}) (?P<rich>(?:an?|one) {LOOK}+(?P=noun))\b")
SAID_AGAIN = re.compile(
    rf"\b(?P<count>an?|one|two|three|four|[1-4]) (?P<noun>{THING})[.!;]+ (?P<look>{LOOK}+)(?P=noun)"
    rf"(?= ?(?:[.!;]|$|,? because))"
)
"""A thing, and then it alone with what it is like."""
AGAIN = re.compile(rf"\b(?P<one>{PHRASE}) ?\?+ (?:yes|yep|yeah),? (?P=one)\b")
SUMMED_UP = re.compile(
    r"(?P<before>.*[.!?,;]) ?(?:so|again|once (?:more|again)|in short|to (?:sum up|be clear)|that "
    r"(?:is|means)|i\.e\.?|meaning|all in all"
    r"|in other words|summary|in sum)(?:,? (?:please|then|again))*[, ]*: (?P<after>.+)"
)
"""What was said, and all of it again."""


AMID = re.compile(rf"\bin the (?:middle|centre|center) of the (?P<noun>{'|'.join(PLURALS)})\b")
WANTED = re.compile(
    rf"(?:(?<=^)|(?<=[.!?,;] ))(?P<noun>{THING})[.!,]+ (?P<verb>(?:please )?(?:draw|make|paint) "
    rf"(?:an? )?(?P=noun))\b"
)
"""What somebody wants, and then the request for it."""
IT_IS = re.compile(
    rf"(?P<thing>\b(?:an?|one) (?:{LOOK})*{THING}(?:,? (?:which|that) is {ANY_LOOK})?), it is "
    rf"(?=(?:above|over|below|under|beneath|next to|beside|on top of) the {ANY_PLURAL}\b)"
)
"""Where the thing just named stands to several others."""


def said_once(text: str) -> str:
    """``text`` in small letters with what it says of a thing later on said of it where it is named."""
    refuse_perhaps_again(text)
    text = SUMMED_UP.sub(summed_up, text)
    text = AGAIN.sub(r"\g<one>", text)
    text = SAID_AGAIN.sub(lambda m: f"{m['count']} {m['look']}{m['noun']}", text)
    text = WANTED.sub(r"\g<verb>", text)
    text = IT_IS.sub(r"\g<thing> ", AMID.sub(amid, text))
    return told(followed(RICHER.sub(r"\g<rich>", text)))


def refuse_perhaps_again(text: str) -> None:
    """Refuses "a cat and a dog, a black cat and a brown dog".

    Raises:
        NotInWorldError: all of what comes last was named before it, without a look.
    """
    if again := PERHAPS_AGAIN.search(text):
        nouns = [one["noun"] for one in LOOKED_ONE.finditer(again["told"])]
        before = text[: again.start()]
        if all(len(re.findall(rf"\b(?:an?|one|the) {noun}\b", before)) == 1 for noun in nouns):
            raise refuse("the same things once more (say each once, with what it is like)")


def summed_up(match: re.Match[str]) -> str:
    """What comes last, where it names all that came before; the match itself where it names nothing of
    that.

    Raises:
        NotInWorldError: it names some of it.
    """
    before, after = named(match["before"]), named(match["after"])
    if before <= after:
        return match["after"]
    if before & after & {*NOUNS}:
        raise refuse("the same thing before and after a colon (say once all that there is)")
    return match[0]


def named(text: str) -> set[str]:
    """The words of the world in ``text`` but those that only point or deny, each in its one form."""
    words = (PLURALS.get(word, word) for word in re.findall(r"[a-z]+", text))
    return {word for word in words if word in OF_THE_WORLD} - {"no", "not", "left", "right", "without"}


def told(text: str) -> str:
    """What things are like that were named before, each once and bare, before them: "a cat above a dog
    (cat red, dog blue)", "a house and a car, red house, blue car"."""
    for pattern, one in ((TOLD_AFTER, TOLD), (LOOKED_AFTER, LOOKED_ONE)):
        text = told_so(text, pattern, one)
    return text


def told_so(text: str, told: re.Pattern[str], look: re.Pattern[str]) -> str:
    """``text`` with what a pattern's match tells of things before them, each told of in a ``look``."""
    after = told.search(text)
    if after is None or re.fullmatch(r"|.*\band", text[: after.start()].strip()):
        return text
    before = text[: after.start()]
    for one in look.finditer(after["told"]):
        bare = [*re.finditer(rf"(?<!the )\b{one['noun']}\b", before)]
        own = re.search(rf"\b{LOOKS} $", before[: bare[0].start()]) if len(bare) == 1 else None
        if len(bare) != 1 or (own and clash(own[0], one["look"])):
            return text
        before = f"{before[: bare[0].start()]}{one['look']} {before[bare[0].start() :]}"
    return f"{before}{text[after.end() :]}"


def followed(text: str) -> str:
    """A thing's look, said of it once more at the end, before it: "a frog under a crown, green
    frog"."""
    after = FOLLOWED.search(text)
    if after is None:
        return text
    before = text[: after.start()]
    bare = [*re.finditer(rf"\b(?P<one>an?|one) {after['noun']}\b", before)]
    if len(bare) != 1 or len(re.findall(rf"\b{after['noun']}", before)) != 1 or "," in before:
        return text
    at = bare[0].end("one")
    return f"{before[:at]} {after['look']}{before[at:]}{text[after.end() :]}"


def amid(match: re.Match[str]) -> str:
    """Between the two of a kind; the match itself where there are more, or nobody knows how many."""
    two = re.search(
        rf"\b(?:two|2) (?:{LOOK})*{match['noun']}\b|{match['noun'][:-1]}s? ?x ?2", match.string
    )
    return f"between the {match['noun']}" if two else match[0]
