"""``plain_rules`` for what is read in pictures."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from plain_rules import average

KEPT = "àâäéèêëîïôöùûüçÀÂÄÉÈÊËÎÏÔÖÙÛÜÇ"


def stripped(text: str) -> str:
    return "".join(
        c
        for c in text
        if "\u4e00" <= c <= "\u9fa5" or (c.isascii() and c.isalnum()) or re.match(r"\s", c) or c in KEPT
    )


def chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fa5" for c in text)


def normal(text: str) -> str:
    left = stripped(text)
    return "".join(left.split()) if chinese(left) else " ".join(left.split())


def levenshtein(a: str, b: str) -> int:
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            swap = table[i - 1, j - 1] + (a[i - 1] != b[j - 1])
            table[i, j] = min(swap, table[i - 1, j] + 1, table[i, j - 1] + 1)
    return table[len(a), len(b)]


def text(run: Any) -> Any:
    pooled: list[tuple[int, int, int]] = []
    prompts: dict[str, Any] = {}
    limits = {}
    for row in run["rows"]:
        prompts[row["id"]] = None
        if len(row["files"]) != 1 or not row["ocr"]:
            continue
        limits[row["id"]] = 256 if len(row["text_content"].split()) > 60 else 128
        truth = normal(row["text_content"])
        cells = []
        for said in row["ocr"]:
            read = normal(said.replace("addCriterion", "").replace("No text recognized.", ""))
            wanted, found = (Counter(t if chinese(truth) else t.split()) for t in (truth, read))
            cells.append((levenshtein(read, truth), (wanted & found).total(), wanted.total()))
        pooled += cells
        prompts[row["id"]] = [
            average([d for d, _, _ in cells]),
            average([d == 0 for d, _, _ in cells]),
            average([m / t if t else 0.0 for _, m, t in cells]),
        ]
    distance, complete = average([d for d, _, _ in pooled]), average([d == 0 for d, _, _ in pooled])
    units = sum(t for _, _, t in pooled)
    accuracy = sum(m for _, m, _ in pooled) / units if units else 0.0
    most = {"EN": 100, "ZH": 50}[run["mode"]]
    return {
        "ED": distance,
        "CR": complete,
        "WAC": accuracy,
        "text_score": 1 - min(most, distance) * (1 - complete) * (1 - accuracy) / most,
        "per_prompt_ED_CR_WAC": prompts,
        "max_new_tokens": limits,
    }


def longtext(run: Any) -> Any:
    truths = {prompt["prompt_id"]: " ".join(prompt["text"]) for prompt in run["prompts"]}
    pairs = {}
    for picture in run["pictures"]:
        name = picture["file"]
        number = int(name.split("_")[0] if "_" in name else name.split(".")[0])
        both = [truths[number], picture["ocr_raw"].replace("No text recognized.", "")]
        if run["mode"] == "zh":
            wanted, found = (Counter("".join(stripped(t).split())) for t in both)
        else:
            wanted, found = (Counter(stripped(t).lower().split()) for t in both)
        pairs[name] = [(wanted & found).total(), wanted.total()]
    score = sum(m for m, _ in pairs.values()) / sum(t for _, t in pairs.values())
    return {
        "text_score": score,
        "text_score_printed": f"{score:.4f}",
        "matched_and_total_per_picture": pairs,
    }
