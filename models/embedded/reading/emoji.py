"""Reads the emoji among words: those that show feelings or repeat what is named are left out, those
that stand where a word would are read as the thing that they show."""

from __future__ import annotations

import re
import unicodedata
from functools import partial

from ..synonyms import plural
from ..world import COLOURS, NUMBERS
from .words import COUNTS, NOUNS, PLURALS, SHADES, SIZE_WORDS, refuse

SIGN = "[\u2600-\u27bf\u2b1b\u2b1c\u2b50\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
TONE = "[\ufe0f\u200d\U0001f3fb-\U0001f3ff]"
RUN = re.compile(
    rf"(?P<before>[\w'-]+|[,;:.!?()/+&]|^)?(?P<gap> *)(?P<signs>(?:{SIGN}{TONE}* *)+)"
    r"(?P<times>[x\u00d7*] ?\d\b ?)?(?P<after>(?:ice )?\w+)?"
)
"""Emoji with what stands before and after them."""
MOOD = re.compile(
    r"\b(?:FACE|HANDS?|THUMBS|SPARKLES|PALETTE|POPPER|PAINTBRUSH|PICTURE|FACEPALM|SHRUG|BICEPS|SIGN"
    r"|HUNDRED|BALL OF CONFETTI|BOWING)\b"
)
"""What is in the Unicode names of those that show no thing."""
STANDS_FOR = {
    sign: words
    for words, signs in {
        "cat": "🐱🐈",
        "dog": "🐶🐕",
        "fish": "🐟🐠",
        "horse": "🐴🐎",
        "frog": "🐸",
        "bird": "🐦",
        "spider": "🕷",
        "car": "🚗",
        "bicycle": "🚲",
        "truck": "🚚🚛",
        "plane": "✈",
        "boat": "⛵",
        "rocket": "🚀",
        "tree": "🌳🌲",
        "leaf": "🍃",
        "moon": "🌙",
        "sun": "☀",
        "cloud": "☁",
        "red apple": "🍎",
        "green apple": "🍏",
        "carrot": "🥕",
        "icecream": "🍦",
        "cake": "🎂🍰",
        "house": "🏠",
        "umbrella": "☂☔",
        "bell": "🔔",
        "key": "🔑",
        "cup": "☕",
        "guitar": "🎸",
        "hat": "🎩",
        "crown": "👑",
        "ghost": "👻",
        "snowman": "⛄☃",
        "star": "⭐",
        "red heart": "❤",
        "blue heart": "💙",
        "green heart": "💚",
        "yellow heart": "💛",
        "purple heart": "💜",
        "orange heart": "🧡",
        "black heart": "🖤",
        "brown heart": "🤎",
        "red circle": "🔴",
        "blue circle": "🔵",
        "green circle": "🟢",
        "yellow circle": "🟡",
        "orange circle": "🟠",
        "purple circle": "🟣",
        "brown circle": "🟤",
        "red square": "🟥",
        "blue square": "🟦",
        "green square": "🟩",
        "yellow square": "🟨",
        "orange square": "🟧",
        "purple square": "🟪",
        "brown square": "🟫",
        "black square": "⬛",
    }.items()
    for sign in signs
}
"""What an emoji means where it stands for a word: its thing, with the colour that it is called
after."""
DETERMINERS = {*COUNTS, *COLOURS, *SHADES, *SIZE_WORDS, "no", "the", "least"} - {
    "both",
    "pair",
    "couple",
}
JOINTS = frozenset("and with above below under over beside between of to in on or".split())
COUNTED = re.compile(rf"\b(?:{'|'.join(COUNTS)}|the|no|least)(?: [a-z]+)? ?$")
"""What leaves a colour without a thing open: "a red", "one big red"."""
REFERRED = re.compile(r"\b(?:the|both|these|those|all)(?: two| of the)? (?:\w+ )?$")


def without_emoji(text: str) -> str:
    """``text`` in small letters without feelings and without pictures of what it names, and with the
    word for each emoji that stands for one: "a red \U0001f431", "\u2b50 x 2".

    Raises:
        NotInWorldError: an emoji that may be asked for itself: "a cat \U0001f436".
    """
    return RUN.sub(partial(in_place, named_in(text)), text)


def in_place(named: set[str | None], match: re.Match[str]) -> str:
    """What is left of a run of emoji and its neighbours, in a text that names some things in words."""
    before, after = match["before"] or "", match["after"] or ""
    times = re.sub(r"\D", "", match["times"] or "")
    words = list[str]()
    for sign in dict.fromkeys(re.findall(SIGN, match["signs"])):
        if is_said_anyway(sign, named, match):
            continue
        if sign not in STANDS_FOR or not stands_alone(match, bare=not named):
            raise refuse(f"{sign!r} (say in words what it stands for)")
        words.append(in_words(sign, match["signs"].count(sign), before, times))
    said = f" {', '.join(words)} " if words else " "
    return f"{before} {times}{said}{after}" if times else f"{before}{said}{after}"


def is_said_anyway(sign: str, named: set[str | None], match: re.Match[str]) -> bool:
    """Whether an emoji says nothing more: it shows a feeling, or a thing that is named beside it."""
    before, after = match["before"] or "", match["after"] or ""
    if is_mood(sign):
        looks = before in COLOURS or before in SHADES or before in SIZE_WORDS
        ends = looks and not after and not COUNTED.search(match.string[: match.start()])
        return ends or not (before in DETERMINERS or before in JOINTS)
    shows = shown(sign)
    if NOUNS.get(PLURALS.get(after.replace("ice ", "ice"), after), "") in shows:
        return True
    repeats = bool(shows & named) and not (match["times"] or before in JOINTS)
    return repeats and before not in DETERMINERS - {"the"} and is_coloured_so(sign, match.string)


def stands_alone(match: re.Match[str], *, bare: bool) -> bool:
    """Whether emoji stand where a word would; in a text that is ``bare`` of things' names, also after
    other signs."""
    before = match["before"] or ""
    if match["times"] or before in DETERMINERS or before in JOINTS or before in {"", ",", ";"}:
        return True
    return bare and not before.isalpha()


def named_in(text: str) -> set[str | None]:
    """The things that ``text`` names in words, but those that "the" only points at."""
    found = set[str | None]()
    for match in re.finditer(r"\w+", text.replace("ice cream", "icecream")):
        noun = PLURALS.get(match[0], match[0])
        if noun in NOUNS and not REFERRED.search(text[: match.start()]):
            found.add(NOUNS[noun])
    return found


def in_words(sign: str, times: int, before: str, multiplied: str) -> str:
    """An emoji as the words that it stands for, after what comes before it.

    Raises:
        NotInWorldError: it is there in another number than what comes before it says.
    """
    said = COUNTS.get(before)
    if before in DETERMINERS and times not in (1, said):
        raise refuse(f"{sign!r} {times} times (say how many)")
    colour, _, noun = STANDS_FOR[sign].rpartition(" ")
    number = int(multiplied or said or times)
    if before in COLOURS or before in SHADES:
        colour = ""
    many = plural(noun) if number > 1 else noun
    count = NUMBERS[times] if times > 1 and before not in DETERMINERS and times < len(NUMBERS) else ""
    return f"{count} {colour} {many}".strip()


def is_coloured_so(sign: str, text: str) -> bool:
    """Whether an emoji says no colour, or one that the text says as well; a heart is red of itself."""
    colour = STANDS_FOR.get(sign, "").rpartition(" ")[0]
    return colour in {"", "red"} or colour in text


def shown(sign: str) -> set[str | None]:
    """The things of the world that an emoji is called after."""
    if sign in STANDS_FOR:
        return {STANDS_FOR[sign].rpartition(" ")[2]}
    name = unicodedata.name(sign, "").lower().replace("ice cream", "icecream")
    return {NOUNS[word] for word in name.split() if word in NOUNS}


def is_mood(sign: str) -> bool:
    """Whether an emoji shows how somebody feels, or that a picture is meant."""
    return not shown(sign) and bool(MOOD.search(unicodedata.name(sign, "")))
