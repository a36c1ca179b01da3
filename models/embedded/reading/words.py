"""The words of the embedded world, every one of them, and the answer to what is not among them."""

from __future__ import annotations

from dataclasses import dataclass

from ....errors import NotInWorldError
from ..synonyms import IRREGULAR, SYNONYMS, plural, spoken
from ..world import CELLS, COLOURS, MAX_OBJECTS, NUMBERS, THINGS
from .chatter import STOP_WORDS
from .near import nearest
from .signs import MARK

NOUNS: dict[str, str | None] = {
    **{name: name for name in THINGS},
    **{other: name for other, name in SYNONYMS.items() if name in THINGS},
    **dict.fromkeys(("object", "shape", "thing", "figure", "item")),
}
PLURALS = {f"{noun}s": noun for noun in IRREGULAR} | {"rhombi": "rhombus", "fishes": "fish"}
"""Also the plurals that are wrong: "leafs"."""
PLURALS |= {plural(noun): noun for noun in NOUNS}
COUNTS = {word: number for number, word in enumerate(NUMBERS) if number}
COUNTS |= {str(number): number for number in range(1, MAX_OBJECTS + 1)}
COUNTS |= {"a": 1, "an": 1, "single": 1, "pair": 2, "couple": 2, "both": 2, "trio": 3}
SHADES = {other: name for other, name in SYNONYMS.items() if name in COLOURS}
"""Other names of the world's colours."""
SIZE_WORDS: dict[str, str] = dict.fromkeys("small little tiny mini teeny wee".split(), "small")
SIZE_WORDS |= dict.fromkeys("big large huge giant enormous massive gigantic".split(), "big")
SCENES = frozenset(
    "picture image drawing canvas photo scene illustration page painting pic icon composition visual "
    "artwork graphic design".split()
)
SIDES = {"left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom"}
COLOUR = f"(?:{'|'.join(COLOURS)})"
SIZE = f"(?:{'|'.join(SIZE_WORDS)})"
ANY_LOOK = rf"(?:{COLOUR}|{SIZE})"
LIKE = rf"(?:{ANY_LOOK} )*"
ANY_NOUN = f"(?:{'|'.join(NOUNS)})"
ANY_PLURAL = f"(?:{'|'.join(PLURALS)})"
ANY_THING = f"(?:{'|'.join([*NOUNS, *PLURALS])})"
"""Patterns that others are made of: what a thing is like, any number of that, and names of things."""


def refuse(what: str) -> NotInWorldError:
    """The one-line answer to what the embedded world does not have."""
    return NotInWorldError(
        f"not in the embedded world: {what}. It knows the colours {', '.join(COLOURS)}; the things "
        f"{', '.join(map(spoken, THINGS))}; words of up to four letters; small and big; up to eight "
        "objects; relations (above, below, left of, right of, next to, between), rows and columns, and "
        "places (corners, halves, top, bottom, left, right, middle); day, meadow and night. "
        "For anything else configure real models: set GEMS_MLLM and GEMS_GENERATOR, `gems doctor` helps"
    )


@dataclass
class Token:
    """A piece of the prompt: what sort it is and what it stands for."""

    sort: str
    value: str = ""
    elided: bool = False
    """Whether it was left out, and stands in the list's last phrase."""


def named(word: str) -> str:
    """An unknown word as the answer names it, with what comes nearest to it: "'teal' (I know ...)"."""
    hint = nearest(word, {*COLOURS, *NOUNS, *PLURALS, *NUMBERS[1:]})
    return f"{word!r} ({hint})" if hint else repr(word)


STOPS = frozenset(";.!?")
"""What a sentence ends with."""
SIGNS = {":": Token("colon")} | {sign: Token("comma", sign) for sign in ",;.!?"}
SMALL_WORDS = {
    word: Token(word) for word in "all every each them they it the and no or on in with of".split()
}
OTHERS = SIGNS | SMALL_WORDS | {"ones": Token("ones"), "one's": Token("ones")}
OTHERS |= {
    "is": Token("is"),
    "are": Token("is"),
    "be": Token("is"),
    "noneofthem": Token("none"),
    "but": Token("and"),
    "then": Token("comma", ","),
    "these": Token("them"),
}
OTHERS |= dict.fromkeys(("sign", "board", "banner", "word", "text"), Token("sign"))
OTHERS |= dict.fromkeys(SCENES, Token("scene"))
OTHERS |= {cell: Token("place", f"at {cell}") for cell in CELLS}


def word_token(word: str) -> Token | None:
    """A single word's token; None: unknown."""
    tables = (("count", COUNTS), ("colour", COLOURS), ("noun", NOUNS), ("plural", PLURALS))
    for sort, table in tables:
        if word in table:
            return Token(sort, word)
    if word in SHADES:
        return Token("colour", SHADES[word])
    if word in SIZE_WORDS:
        return Token("size", SIZE_WORDS[word])
    if match := MARK.fullmatch(word):
        return Token(
            "plural" if word.startswith("texts") else "noun", match[1].upper().replace("_", " ")
        )
    if word in OTHERS:
        return OTHERS[word]
    return Token("stop") if word in STOP_WORDS else None
