"""Reads misspelt words, where one letter is wrong, nothing else can be meant, and no other word is."""

from __future__ import annotations

import re

from .chatter import SAID_AROUND, STOP_WORDS
from .near import ANSWERS
from .phrases import PHRASES
from .real_words import REAL_WORDS
from .synonyms import SPACED
from .wordings import OPEN, REWRITES
from .words import COUNTS, NOUNS, PLURALS, SCENES, SHADES, SIZE_WORDS, word_token
from .world import COLOURS

SHORTEST = 5
"""Letters of a word that may be read as another one; in shorter ones a letter makes too much."""
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


def spelt(text: str) -> str:
    """``text`` in small letters, its misspelt words as they were meant and things' names in one."""
    for name, spaced in SPACED.items():
        text = re.sub(rf"\b{spaced.replace(' ', '[ -]')}(s?)\b", rf"{name}\1", text)
    return re.sub(rf"(?<![\w'])[a-z]{{{SHORTEST},}}(?![\w'])", lambda match: meant(match[0]), text)


def meant(word: str) -> str:
    """The one word of the world that ``word`` is a letter away from; ``word`` itself where it is known,
    where it is a word of English, and where several come as near."""
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
