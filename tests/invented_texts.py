"""``invented_runs`` of what is asked or read cell by cell."""

from __future__ import annotations

import random
from typing import Any

import plain_rules
import plain_texts

WORDS = [
    "Open",
    "open",
    "Door",
    "12",
    "café",
    "niño",
    "straße",
    "出口",
    "今天",
    "龥",
    "鿿",
    "a-b",
    "\u3000",
    "it's",
]


def grid(luck: random.Random) -> tuple[list[str], list[str], int]:
    cells = [luck.choice(["picture", "picture", "black"]) for _ in range(luck.choice([1, 2, 4]))]
    files = luck.choice([["1.png"], ["1.png"], ["1.png"], [], ["1.png", "1.webp"]])
    return cells, files, cells.count("picture") if len(files) == 1 else 0


def alignment(luck: random.Random) -> Any:
    items = []
    for number in range(luck.randint(2, 6)):
        cells, files, shown = grid(luck)
        if not number:
            cells, files, shown = ["picture"], ["1.png"], 1
        names = [str(n) for n in range(1, luck.randint(2, 6))]
        items.append(
            {
                "class": luck.choice(["anime", "human"]),
                "id": f"{number:03d}",
                "question": dict.fromkeys(names, "Is it?"),
                "files": files,
                "cells": cells,
                "dependency": {n: luck.choice([[0], [0], [1], [2, 3], [99], [int(n)]]) for n in names},
                "answers": {
                    n: [luck.choice(["Yes", "Yes", "No", "yes", "Yes."]) for _ in range(shown)]
                    for n in names
                },
            }
        )
    run = {"mode": luck.choice(["EN", "ZH"]), "grid": [2, 2], "items": items}
    return run, plain_rules.alignment(run)


def some_text(luck: random.Random, most: int = 8) -> str:
    return luck.choice([" ", "  ", "\n", "\t", "\u00a0"]).join(
        luck.choices(WORDS, k=luck.randint(0, most))
    )


def text(luck: random.Random) -> Any:
    rows = []
    for number in range(luck.randint(1, 5)):
        cells, files, shown = grid(luck)
        if not number:
            cells, files = ["picture"], ["1.png"]
        if "picture" not in cells:
            cells = ["picture"]
        shown = cells.count("picture") if len(files) == 1 else 0
        truth = str([some_text(luck, luck.choice([4, 70])) for _ in range(luck.randint(1, 2))])
        read = [
            luck.choice(
                [
                    truth,
                    some_text(luck),
                    "No text recognized.",
                    "No text recognized",
                    "",
                    "addCriterion " + truth,
                ]
            )
            for _ in range(shown)
        ]
        rows.append(
            {"id": f"{number:03d}", "text_content": truth, "files": files, "cells": cells, "ocr": read}
        )
    run = {"mode": luck.choice(["EN", "ZH"]), "grid": [2, 2], "rows": rows}
    return run, plain_texts.text(run)


def longtext(luck: random.Random) -> Any:
    prompts: list[dict[str, Any]] = [
        {"prompt_id": n, "text": ["Open", *(some_text(luck) for _ in range(luck.randint(0, 2)))]}
        for n in luck.sample(range(200), luck.randint(1, 5))
    ]
    names = ["{:04d}_0.png", "{}_1.jpg", "{:03d}.png", "{}_a_b.png"]
    pictures = [
        {
            "file": name.format(prompt["prompt_id"]),
            "ocr_raw": luck.choice(
                [" ".join(prompt["text"]), some_text(luck), "No text recognized.", "", "OPEN open ope"]
            ),
        }
        for prompt in prompts
        for name in luck.sample(names, luck.randint(1, 4))
    ]
    run = {"mode": luck.choice(["en", "zh"]), "prompts": prompts, "pictures": pictures}
    return run, plain_texts.longtext(run)
