"""GenEval 2: Soft-TIFA, the probability that a judge's first token is the right answer.

Rule of facebookresearch/GenEval2 a6e82d2: a question's probability is the sum over the first tokens of
fixed texts, AM and GM are a prompt's arithmetic and geometric mean, the reported figure is the mean GM.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from .means import mean

COUNT_QUESTION = "How many"
YES = ("Yes", "yes", " Yes", " yes")
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
OTHER = "other"
"""What stands for the digits of a number word beyond ten."""
KeyT = TypeVar("KeyT", bound=Hashable)


def answer_tokens(question: str, expected: str) -> frozenset[str]:
    """The first tokens that count as right, in Qwen's vocabulary.

    Digits after a space begin with the bare space token there, and "10" with "1". Of a question that
    does not ask for a number the expected answer is not read.
    """
    if not question.startswith(COUNT_QUESTION):
        return frozenset(YES)
    digits = str(WORDS.index(expected) + 1) if expected in WORDS else OTHER
    texts = (expected, expected.capitalize(), digits)
    return frozenset(first_token(f"{space}{text}") for text in texts for space in ("", " "))


def first_token(text: str) -> str:
    """What a text begins with in Qwen's vocabulary, where every digit is a token and takes no space to
    it; words are one token."""
    return text[0] if text.lstrip()[:1].isdecimal() else text


def token_text(entry: Mapping[str, Any]) -> str:
    """What a token of a completion's log-probabilities says; its bytes where the server sends them."""
    raw = entry.get("bytes")
    return bytes(raw).decode("utf-8", "replace") if raw else str(entry["token"])


def first_tokens(choice: Mapping[str, Any]) -> dict[str, float]:
    """The listed first tokens of a chat completion's choice with their log-probabilities; none where
    the server sent none. Of two tokens with one text, both count."""
    content = (choice.get("logprobs") or {}).get("content") or []
    listed = (content[0].get("top_logprobs") or content[:1]) if content else []
    found: dict[str, float] = defaultdict(float)
    for entry in listed:
        found[token_text(entry)] += share_of(entry)
    return {text: math.log(share) for text, share in found.items() if share > 0}


def share_of(entry: Mapping[str, Any]) -> float:
    """A token's probability; servers write null, or no number, for one that cannot come."""
    logprob = entry["logprob"]
    return math.exp(logprob) if logprob is not None and logprob < 1 else 0.0


def probability(question: str, expected: str, tokens: Mapping[str, float]) -> float:
    """The probability of a right answer, 0..1, from log-probabilities by token text."""
    return sum(
        math.exp(tokens[text]) for text in sorted(answer_tokens(question, expected)) if text in tokens
    )


def geometric_mean(values: Sequence[float]) -> float:
    """Of probabilities; 0 as soon as one is."""
    if min(values) <= 0:
        return 0.0
    return math.exp(mean([math.log(value) for value in values]))


def soft_tifa(prompts: Sequence[Sequence[float]]) -> dict[str, Any]:
    """The two scores, 0..100, and every prompt's two means, 0..1, of its questions' probabilities."""
    am = [mean(list(values)) for values in prompts]
    gm = [geometric_mean(values) for values in prompts]
    return {
        "soft_tifa_am": 100 * mean(am),
        "soft_tifa_gm": 100 * mean(gm),
        "per_prompt_am": am,
        "per_prompt_gm": gm,
    }


def percent_by(pairs: Iterable[tuple[KeyT, float]]) -> dict[KeyT, float]:
    """100 times the mean of the values of each key, in the order in which keys come."""
    groups: dict[KeyT, list[float]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: 100 * mean(values) for key, values in groups.items()}


def by_skill(skills: Sequence[Sequence[str]], prompts: Sequence[Sequence[float]]) -> dict[str, float]:
    """AM by skill over questions, 0..100; every question has one skill."""
    return percent_by(
        (name, value)
        for names, values in zip(skills, prompts, strict=True)
        for name, value in zip(names, values, strict=True)
    )


def by_atoms(counts: Sequence[int], prompts: Sequence[Sequence[float]]) -> dict[int, float]:
    """GM by atom count over prompts, 0..100."""
    return percent_by(
        (count, geometric_mean(values)) for count, values in zip(counts, prompts, strict=True)
    )
