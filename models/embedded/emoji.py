"""Leaves out the emoji that people put after words, where they ask for nothing more."""

from __future__ import annotations

import re
import unicodedata

from .words import NOUNS, PLURALS, refuse

SIGN = "[\u2600-\u27bf\u2b50\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
TONE = "[\ufe0f\u200d\U0001f3fb-\U0001f3ff]"
RUN = re.compile(rf"(?:(?P<before>(?:ice )?\w+|[,;:.!?)]) *)?(?P<signs>(?:{SIGN}{TONE}* *)+)")
"""Emoji with what stands before them."""
COURTESIES = frozenset("please pls plz thanks thx you".split())
MOOD = re.compile(r"\b(?:FACE|HANDS?|THUMBS|SPARKLES|PALETTE|POPPER|PAINTBRUSH|PICTURE)\b")
"""What is in the Unicode names of those that show no thing."""


def without_emoji(text: str) -> str:
    """``text`` in small letters without faces, and without pictures of what it names before them.

    Raises:
        NotInWorldError: an emoji that may be asked for itself: "a red 🐱".
    """
    words = re.findall(r"\w+", text.replace("ice cream", "icecream"))
    named = {NOUNS[noun] for noun in (PLURALS.get(word, word) for word in words) if noun in NOUNS}

    def drop(match: re.Match[str]) -> str:
        before = (match["before"] or "").replace("ice ", "ice")
        noun = PLURALS.get(before, before)
        ends = not re.match(r"\w", before) or before in COURTESIES or noun in NOUNS
        for sign in re.findall(SIGN, match["signs"]):
            if not (ends and before and (is_mood(sign) or shown(sign) & named)):
                raise refuse(f"{sign!r} (say in words what it stands for)")
        return f"{match['before']} "

    return RUN.sub(drop, text)


def shown(sign: str) -> set[str | None]:
    """The things of the world that an emoji is called after."""
    name = unicodedata.name(sign, "").lower().replace("ice cream", "icecream")
    return {NOUNS[word] for word in name.split() if word in NOUNS}


def is_mood(sign: str) -> bool:
    """Whether an emoji shows how somebody feels, or that a picture is meant."""
    return not shown(sign) and bool(MOOD.search(unicodedata.name(sign, "")))
