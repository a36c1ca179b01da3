"""Reads misspelt words, where one letter is wrong, nothing else can be meant, and no other word is."""

from __future__ import annotations

import re

from ..synonyms import SPACED
from ..world import COLOURS
from .ambiguous import OPEN
from .chatter import SAID_AROUND, STOP_WORDS
from .near import ANSWERS
from .phrases import PHRASES
from .real_words import REAL_WORDS, SHORT_WORDS
from .wordings import REWRITES
from .words import COUNTS, NOUNS, PLURALS, SCENES, SHADES, SIZE_WORDS, word_token

SHORTEST = 5
"""Letters of a word that may be read as another one with another letter in it; in shorter ones that
makes too much, and a letter is only missing, doubled or in its neighbour's place."""
PLACING = (
    "above below under beneath underneath beside between bottom middle center centre corner corners "
    "column night meadow grass without"
).split()
TABLES = (NOUNS, PLURALS, COUNTS, COLOURS, SHADES, SIZE_WORDS, SCENES, PLACING)
SHORT = {word for table in TABLES for word in table if word.isalpha() and len(word) < SHORTEST}
MEANT = {word for table in TABLES for word in table if word.isalpha() and len(word) >= SHORTEST}
MEANT |= {word for word in STOP_WORDS if word.isalpha() and len(word) > SHORTEST}
IN_WORDINGS = {
    word
    for table in (REWRITES, PHRASES, OPEN, SAID_AROUND)
    for pattern, _ in table
    for word in re.findall(r"[a-z]+", pattern)
}


def short_slips(word: str) -> set[str]:
    """What a word is mistyped as, in three or four letters: the first stays what it is."""
    inner = range(1, len(word) - 1)
    found = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in inner}
    if len(word) == SHORTEST:
        found |= {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    if len(word) == SHORTEST - 2:
        found |= {word[: i + 1] + word[i:] for i in range(len(word))}
    return {slip for slip in found if len(slip) < SHORTEST} - {word}


def read_short() -> dict[str, str]:
    """Each mistyped short word that can mean one word alone, with that word."""
    found = dict[str, list[str]]()
    for word in sorted(MEANT | SHORT):
        for slip in short_slips(word) if len(word) > 2 else ():
            found.setdefault(slip, []).append(word)
    known = SHORT_WORDS | ANSWERS.keys() | IN_WORDINGS
    return {
        slip: words[0]
        for slip, words in found.items()
        if len(words) == 1 and slip not in known and not word_token(slip)
    }


SHORT_SLIPS = read_short()


def spelt(text: str) -> str:
    """``text`` in small letters, its misspelt words as they were meant and things' names in one."""
    for name, spaced in SPACED.items():
        text = re.sub(rf"\b{spaced.replace(' ', '[ -]')}(s?)\b", rf"{name}\1", text)
    return re.sub(rf"(?<![\w'])[a-z]{{{SHORTEST - 2},}}(?![\w'])", lambda match: meant(match[0]), text)


def meant(word: str) -> str:
    """The one word of the world that ``word`` is a letter away from; ``word`` itself where it is known,
    where it is a word of English, and where several come as near."""
    if len(word) < SHORTEST:
        return SHORT_SLIPS.get(word, word)
    if word_token(word) or word in ANSWERS or word in IN_WORDINGS or word in REAL_WORDS:
        return word
    near = [other for other in MEANT | SHORT if is_slip(word, other)]
    return near[0] if len(near) == 1 and near[0] in MEANT else word


def is_slip(word: str, other: str) -> bool:
    """Whether one letter, not the first, is another, missing, or in its neighbour's place."""
    if word[0] != other[0] or abs(len(word) - len(other)) > 1:
        return False
    shorter, longer = sorted((word, other), key=len)
    at = next(
        (i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter)
    )
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    swapped = shorter[at : at + 2] == longer[at : at + 2][::-1]
    return shorter[at + 1 :] == longer[at + 1 :] or (swapped and shorter[at + 2 :] == longer[at + 2 :])
