"""Whether a prompt asks for something, in whatever words and script: what a rewrite must not lose.

A text is compared as words: folded (NFKC, case, typographic quotes), plurals and English number words
levelled, and in scripts without spaces as pairs of characters. Hand-written, since what is wanted is
a cheap answer without a model: yes where the words stand there, no where somebody should look again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from ..memory.state import Requirement

SHARE = 0.75
"""Of the words of a quotation or statement that must stand close together in the prompt."""
ELLIPSIS = re.compile(r"\s*(?:\.{2,}|…+|\[\s*(?:\.{2,}|…)\s*\])\s*")
QUOTED = re.compile(
    '["\u201c\u201e\u00ab\u300c\u300e\u2018](.+?)["\u201d\u201c\u00bb\u300d\u300f\u2019]'
)
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
"""Thai, Lao, Burmese, Khmer, kana and Han."""
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"pair": "2", "couple": "2", "single": "1", "dozen": "12"}
SMALL = frozenset(
    "a an the of in on at to is are be and or with by for it its there that this exactly every each "
    "all as from into words word text says say picture image".split()
)
"""English words that a rewrite may change without losing anything."""
NEGATION = re.compile(
    r"\b(?:no|not|without|never|none|nobody|nothing|neither|nor|absent|absence|free of|isn't|aren't|"
    r"kein\w*|ohne|nicht|sans|aucun\w*|pas|sin|ningun\w*|senza|nessun\w*|non|sem|nenhum\w*|"
    r"не|нет|без|ни|нету|никак\w*|لا|بدون|ليس|بلا|دون)\b"
    "|没有|沒有|无|無|不|没|ない|なし|ません|無し|ไม่",
    re.IGNORECASE,
)


def fold(text: str) -> str:
    """``text`` in one form: compatibility characters, case and quotation marks levelled."""
    level = unicodedata.normalize("NFKC", text).casefold()
    return re.sub("[\u2018\u2019\u201a\u2032`\u00b4]", "'", level)


def words_of(text: str) -> list[str]:
    """The words that are compared, in order; a run of an unspaced script as its pairs of characters."""
    found: list[str] = []
    for word in re.findall(r"\w+", fold(text)):
        position = 0
        for run in UNSPACED.finditer(word):
            found += level_words(word[position : run.start()])
            found += pairs(run[0])
            position = run.end()
        found += level_words(word[position:])
    return found


def telling_words(text: str) -> list[str]:
    """The words that say something, in order."""
    return [word for word in words_of(text) if word not in SMALL]


def level_words(word: str) -> list[str]:
    """One word, its plural and a number in words levelled; nothing of nothing."""
    if not word:
        return []
    number = NUMBERS.get(word)
    stem = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return [number or NUMBERS.get(stem, stem)]


def pairs(run: str) -> list[str]:
    """The pairs of neighbouring characters; a single one stands for itself."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def share_in(wanted: Sequence[str], words: Sequence[str]) -> float:
    """The largest share of ``wanted`` that stands in one stretch of ``words``, 0..1; the stretch may be
    half as long again, so that words between them count as close."""
    if not wanted:
        return 0.0
    length = len(wanted) + len(wanted) // 2 + 2
    need, best = Counter(wanted), 0
    window: Counter[str] = Counter()
    for position, word in enumerate(words):
        window[word] += 1
        if position >= length:
            window[words[position - length]] -= 1
        best = max(best, sum(min(count, window[item]) for item, count in need.items()))
    return best / len(wanted)


def stands_in(quote: str, prompt: str) -> bool:
    """Whether words that were quoted from ``prompt`` stand there, also where they were quoted badly."""
    parts = [part for part in ELLIPSIS.split(quote) if words_of(part)]
    words = words_of(prompt)
    return bool(parts) and all(share_in(words_of(part), words) >= SHARE for part in parts)


def literals_of(text: str) -> list[str]:
    """The texts in quotation marks."""
    return [found.strip() for found in QUOTED.findall(text) if words_of(found)]


def is_negation(statement: str) -> bool:
    """Whether it says that something is absent; its literal texts aside."""
    return bool(NEGATION.search(QUOTED.sub(" ", statement)))


def states(prompt: str, requirement: Requirement) -> bool:
    """Whether ``prompt`` says by itself what a requirement says: its literal texts to the letter, and
    most of its other words close together."""
    statement = requirement["statement"]
    text = fold(prompt)
    if not all(fold(literal) in text for literal in literals_of(statement)):
        return False
    rest = telling_words(QUOTED.sub(" ", statement))
    if not rest:
        return bool(literals_of(statement)) or fold(statement).strip(" .") in text
    return share_in(rest, telling_words(prompt)) >= SHARE


def asks_for(prompt: str, requirement: Requirement, quotes: Sequence[str]) -> bool:
    """Whether ``prompt`` asks for a requirement: its writer quoted words that stand there, or it says
    so itself. Literal texts must stand there to the letter in any case."""
    text = fold(prompt)
    if not all(fold(literal) in text for literal in literals_of(requirement["statement"])):
        return False
    return any(stands_in(quote, prompt) for quote in quotes) or states(prompt, requirement)


def may_be_added(requirement: Requirement) -> bool:
    """Whether its statement may be put behind a prompt as it is. Naming what must be absent draws it,
    and a literal text would be drawn twice."""
    statement = requirement["statement"]
    return requirement["kind"] != "text" and not literals_of(statement) and not is_negation(statement)


def add_statements(prompt: str, requirements: Sequence[Requirement]) -> str:
    """``prompt`` with statements behind it, as sentences of its own script."""
    added = [item["statement"].strip().rstrip(".。．") for item in requirements]
    if not added:
        return prompt
    unspaced = bool(UNSPACED.search(prompt[-12:]))
    stop, space = ("。", "") if unspaced else (".", " ")
    body = prompt.rstrip().rstrip(".。．,，、;； ")
    return f"{body}{stop}{space}" + f"{stop}{space}".join(added) + stop
