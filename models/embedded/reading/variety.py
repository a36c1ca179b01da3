"""Reads colours that are only said to differ, or to be the same: "three birds of different colours"."""

from __future__ import annotations

import re

from ..world import COLOURS
from .words import ANY_PLURAL, ANY_THING, COLOUR, COUNTS, LIKE, NOUNS, PLURALS, SHADES, refuse

ORDER = ("red", "blue", "yellow", "green", "purple", "orange", "pink", "brown", "black")
"""In which colours are chosen, those first that are told apart best."""
MANNER = r"(?:(?:is|are|be|being|has|have|having|of|in|with|painted|coloured|colored|drawn) )*"
WHOLE = r"(?:(?:and )?(?:all|each|every|both)(?: (?:one|of (?:them|these|which)|single one))?(?: in)? )"
OTHER = (
    r"(?:an?(?:other)? |its own |their own |(?P<said>two|three|four|five|six|seven|eight|[2-8]) )?"
    r"(?:different|another|unique|distinct|various|separate|own)"
)
DIFFERENT = re.compile(
    rf",? ?(?P<whole>{WHOLE})?(?:should |must |to )?{MANNER}"
    rf"(?:{OTHER} colou?rs?|differently colou?red|different in colou?r)(?! (?:from|than|to)\b)"
)
LONE = re.compile(r"\b(?:an?|another)\b.* colou?r$")
"""One colour, other than what came before."""
BEFORE = re.compile(
    r"\b(?:differently|different|variously|various)[ -]colou?red "
    rf"(?P<things>{LIKE}{ANY_PLURAL})\b"
)
SAME = re.compile(
    rf",? ?{WHOLE}?(?:should |must |to )?{MANNER}the same colou?r(?: as each other)?(?! as\b)"
    r"(?= *(?:[.,;!?]|$))"
)
COUNTED = re.compile(
    rf"\b(?P<number>{'|'.join(word for word, count in COUNTS.items() if count > 1)}) "
    rf"(?:of )?(?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})\b"
)
SINGLE = re.compile(
    rf"(?P<start>(?:^|\b(?:an?|one|and|of)|[,:]) ?)(?P<like>{LIKE})(?P<noun>{'|'.join(NOUNS)})\b"
)
THE = re.compile(rf",? (?:and )?the (?P<noun>{'|'.join(PLURALS)})$")
THING = re.compile(rf"\b(?P<like>{LIKE})(?P<noun>{'|'.join([*NOUNS, *PLURALS])})\b")
TOLD = re.compile(
    rf"(?:{DIFFERENT.pattern})(?:[,:]| -| \()? ?(?P<colours>{COLOUR}(?:(?:,| and|, and) {COLOUR})+)\)?"
)
"""Colours that differ, and which they are."""
NO_OTHER = re.compile(r",?(?: and| but| with)? no other colou?rs?\b(?: at all)?")
POINTS = re.compile(
    r"[^.;!?]*\b(?:above|over|below|under|beneath|underneath|(?:next|near)(?: to)?|beside|by|on top"
    r"|to (?:the|its|their) (?:left|right))"
    r"(?: of)?(?: (?:it|them|these|the (?:first|second|third|last|middle|other)(?: one)?))?"
    r"(?= *(?:[.,;!?]|$| and\b))"
)
"""Something that stands so to what was named before."""
GENERIC = {noun for noun, name in NOUNS.items() if name is None}


def with_colours(text: str) -> str:
    """``text`` in small letters, with colours chosen where it only says that they differ."""
    text = BEFORE.sub(r"\g<things> of different colours", text)
    text = TOLD.sub(one_of_each, text)
    while match := DIFFERENT.search(text):
        chosen = apart(text, match)
        if chosen is None:
            return text
        text = chosen
    while match := SAME.search(text):
        text = alike(text, match)
    return NO_OTHER.sub(lambda match: match[0] if leaves_open(match) else "", text)


def one_of_each(match: re.Match[str]) -> str:
    """ ", one red, one blue and one green"; the match itself where those are not as many as there are
    things right before it."""
    colours = re.findall(COLOUR, match["colours"])
    things = [*COUNTED.finditer(match.string, 0, match.start())]
    last = things[-1] if things else None
    if last is None or match.string[last.end() : match.start()].strip(" ,"):
        return match[0]
    if COUNTS[last["number"]] != len({*colours}) or len({*colours}) != len(colours):
        return match[0]
    ones = [f"one {colour}" for colour in colours]
    return f", {', '.join(ones[:-1])} and {ones[-1]}"


def leaves_open(match: re.Match[str]) -> bool:
    """Whether something before a match, in its sentence, has no colour."""
    before = re.split(r"[.;!?]", match.string[: match.start()])[-1]
    alone = [found for found in THING.finditer(before) if not re.search(COLOUR, found["like"])]
    return bool(alone) and not re.search(rf"\ball(?: of them)?(?: in)? {COLOUR}\b", before)


def apart(text: str, match: re.Match[str]) -> str | None:
    """``text`` with a colour for each of what the match is about; None: that is not clear."""
    end = match.start()
    begins = max(text.rfind(stop, 0, end) for stop in ".;!?") + 1
    if not THING.search(text, begins, end):
        begins = max(text.rfind(stop, 0, max(begins - 1, 0)) for stop in ".;!?") + 1
        end = len(text[:end].rstrip(" .;!?"))
    before, after = text[begins:end], text[match.end() :]
    free = unused(before)
    several = [found for found in COUNTED.finditer(before) if PLURALS[found["noun"]] not in GENERIC]
    if several and LONE.search(match[0]) and not match["whole"]:
        raise refuse(f"{match[0].strip(' ,')!r} of several (say the colour of each)")
    if match["said"] and [COUNTS[match["said"]]] != [COUNTS[found["number"]] for found in several]:
        return None
    if len(several) == 1 and not re.search(COLOUR, several[0]["like"]) and is_all(several[0], before):
        if POINTS.match(after):
            raise refuse("where something stands to things of different colours (say to which)")
        said = parts_of(several[0], before, free)
    elif not several and match["whole"]:
        said = each_of(before, free)
    else:
        said = None
    return None if said is None else f"{text[:begins]}{said}{joined(after)}"


def is_all(match: re.Match[str], before: str) -> bool:
    """Whether those in a match are all things without a colour that are named."""
    others = f"{before[: match.start()]}.{before[match.end() :]}"
    return all(re.search(COLOUR, found["like"]) for found in SINGLE.finditer(others))


def parts_of(match: re.Match[str], before: str, free: list[str]) -> str | None:
    """ "three birds, one red, one blue and one yellow"."""
    rest = before[match.end() :]
    named = re.search(rf"\b{ANY_THING}\b", rest)
    chosen = free[: COUNTS[match["number"]]]
    if named or len(chosen) < COUNTS[match["number"]]:
        return None
    ones = [f"one {colour}" for colour in chosen]
    comma = "," if rest.strip() and not rest.lstrip().startswith((",", ":")) else ""
    return f"{before[: match.end()]}, {', '.join(ones[:-1])} and {ones[-1]}{comma}{rest}"


def each_of(before: str, free: list[str]) -> str | None:
    """ "a red cat and a blue dog", of a list of single things."""
    found = [m for m in SINGLE.finditer(before) if m["noun"] not in GENERIC]
    if len(found) < 2 or len(found) > len(free) or any(re.search(COLOUR, m["like"]) for m in found):
        return None
    for match, colour in reversed([*zip(found, free, strict=False)]):
        before = f"{before[: match.end('like')]}{colour} {before[match.start('noun') :]}"
    return before


def joined(after: str) -> str:
    """What comes after, parted from what came before where it goes on."""
    return after if not after.strip() or after.lstrip()[0] in ".,;:!?" else f",{after}"


def alike(text: str, match: re.Match[str]) -> str:
    """``text`` with one colour for all that the match is about: what its sentence says of one, else one
    that it does not say.

    Raises:
        NotInWorldError: it is not clear what is to have it, or these are said to differ.
    """
    begins = max(text.rfind(stop, 0, match.start()) for stop in ".;!?") + 1
    before, after = text[begins : match.start()], text[match.end() :]
    if pointed := THE.search(before):
        before = before[: pointed.start()]
    elif not THING.search(before):
        colour = shared(text[: match.start()]) or ORDER[0]
        return f"{text[:begins]}{before}, all {colour}{after}"
    things = of_one_colour(before, pointed["noun"] if pointed else None, match[0])
    colour = shared(before) or unused(before)[0]
    return f"{text[:begins]}{coloured(before, things, colour)}{after}"


def of_one_colour(text: str, noun: str | None, said: str) -> list[re.Match[str]]:
    """The things in ``text`` that ``said`` is about: several of one kind, two single ones, or all of
    them; ``noun``: what it names itself.

    Raises:
        NotInWorldError: it is not clear which.
    """
    things, several = [*THING.finditer(text)], [*COUNTED.finditer(text)]
    if noun is not None:
        things = several = [match for match in several if match["noun"] == noun]
    some = len(things) > 1 and (several or len(things) > 2)
    alone = not several and len(things) < 2
    if alone or (some and not re.search(r"\b(?:all|each|every|both)\b", said)):
        raise refuse("'the same colour' of some or all (say the colour of each)")
    return things


def shared(text: str) -> str | None:
    """The colour that ``text`` names; None: none.

    Raises:
        NotInWorldError: it names several.
    """
    named = {SHADES.get(word, word) for word in re.findall(r"\w+", text)} & {*COLOURS}
    if len(named) > 1:
        raise refuse("'the same colour' of what differs in it (say the colour of each)")
    return next(iter(named), None)


def coloured(text: str, things: list[re.Match[str]], colour: str) -> str:
    """``text`` with the colour before each of ``things`` that has none."""
    for thing in reversed(things):
        if not any(SHADES.get(word, word) in COLOURS for word in thing["like"].split()):
            text = f"{text[: thing.start('noun')]}{colour} {text[thing.start('noun') :]}"
    return text


def unused(text: str) -> list[str]:
    """The colours that ``text`` does not name."""
    named = {SHADES.get(word, word) for word in re.findall(r"\w+", text)}
    return [colour for colour in ORDER if colour in COLOURS and colour not in named]
