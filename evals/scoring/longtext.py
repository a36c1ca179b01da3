"""LongText-Bench: how much of the wanted text can be read in the picture.

Rule of X-Omni-Team/X-Omni 2b8237b; ``addCriterion`` stays in a reading, by a fault of the script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ...errors import InputError
from .texts import NO_TEXT, common, counted, single_spaces, without_spaces

Language = Literal["en", "zh"]


def prompt_id(file: str) -> int:
    """The prompt that a picture file belongs to: the number before its first underscore or, without
    one, before its first dot.

    Raises:
        InputError: there is no number, which stops the official script.
    """
    head = file.split("_" if "_" in file else ".")[0]
    try:
        return int(head)
    except ValueError:
        raise InputError(f"the picture {file} names no prompt: call it ID_NUMBER.png") from None


def units(text: str, language: Language) -> Sequence[str]:
    """Words in lower case in English, characters with their case in Chinese."""
    if language == "zh":
        return without_spaces(counted(text))
    return single_spaces(counted(text)).lower().split()


def matched_and_total(truth: Sequence[str], reading: str, language: Language) -> tuple[int, int]:
    """Units of the ground truth that the reading has, and all of them."""
    wanted = units(" ".join(truth), language)
    return common(wanted, units(reading.replace(NO_TEXT, ""), language)), len(wanted)


def summarize(pictures: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """The score, 0..1, pooled over all pictures.

    Raises:
        InputError: no ground truth has anything to count, which stops the official script.
    """
    total = sum(of for _, of in pictures.values())
    if not total:
        raise InputError("no picture has a text that counts: check the prompt file")
    score = sum(found for found, _ in pictures.values()) / total
    return {
        "text_score": score,
        "text_score_printed": f"{score:.4f}",
        "matched_and_total_per_picture": {name: list(pair) for name, pair in pictures.items()},
    }
