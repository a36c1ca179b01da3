"""Invented runs of every benchmark, odd ones among them, each with the figures that it should have."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import plain_rules
from gems.evals.scoring import wise
from invented_texts import alignment, longtext, text

Maker = Callable[[random.Random], tuple[dict[str, Any], dict[str, Any]]]


def geneval2(luck: random.Random) -> Any:
    def completion() -> Any:
        texts = [
            "Yes",
            "yes",
            " Yes",
            " yes",
            "YES",
            "Yes.",
            "No",
            "two",
            "Two",
            " two",
            " Two",
            "2",
            " ",
            "1",
            "",
            "other",
            "one",
            " One",
            "seven",
            "3",
            "\n",
            "是",
        ]
        if luck.random() < 0.05:
            return {"choices": [{"message": {"content": None}, "logprobs": None}]}
        listed = luck.sample(texts, luck.randint(1, 20))
        top: list[dict[str, Any]] = [
            {"token": t, "logprob": luck.choice([-0.01, -1.5, -4.0, -20.0])} for t in listed
        ]
        if luck.random() < 0.3:
            for entry in top:
                entry["bytes"] = list(entry["token"].encode())
        return {"choices": [{"logprobs": {"content": [{"token": listed[0], "top_logprobs": top}]}}]}

    items = []
    for number in range(luck.randint(1, 6)):
        asked = [
            luck.choice(
                [
                    ["How many cats?", luck.choice(["one", "two", "seven", "ten"])],
                    ["Is it?", "No"],
                    ["how many cats?", "two"],
                ]
            )
            for _ in range(luck.randint(1, 5))
        ]
        items.append(
            {
                "prompt": f"p{number}",
                "atom_count": luck.randint(3, 10),
                "vqa_list": asked,
                "skills": [luck.choice(["count", "object"]) for _ in asked],
                "completions": [completion() for _ in asked],
                "extra": None,
            }
        )
    run = {"items": items}
    return run, plain_rules.geneval2(run)


def geneval(luck: random.Random) -> Any:
    classes = ["cat", "dog", "traffic light"]

    def boxes() -> list[Any]:
        scores = luck.sample(range(1, 100), luck.choice([0, 1, 2, 3, 5, 20]))
        found = []
        for score in scores:
            x, y = luck.randint(0, 200), luck.randint(0, 200)
            corners = [x, y, x + luck.randint(1, 90), y + luck.randint(1, 90)]
            found.append({"box": corners, "score": score / 100, "color": luck.choice(["red", "blue"])})
        return found

    def metadata() -> Any:
        include: list[Any] = [{"class": luck.choice(classes), "count": luck.randint(1, 3)}]
        if luck.random() < 0.5:
            include[0]["color"] = "red"
        if luck.random() < 0.6:
            where = [luck.choice(["left of", "right of", "above", "below"]), 0]
            include.append({"class": luck.choice(classes), "count": 1, "position": where})
        tag = luck.choice(["counting", "position", "two_object", "colors"])
        more = {"exclude": [{"class": include[0]["class"], "count": luck.choice([2, 4, 17])}]}
        return {"tag": tag, "include": include, **(more if tag == "counting" else {}), "prompt": "x"}

    names = ["0000.png", "0001.png", "3.png", "notes.txt", "a0.png", "0002.png.part"]
    items = [
        {
            "metadata": metadata(),
            "images": [
                {
                    "file": name,
                    "detections": {c: boxes() for c in luck.sample(classes, luck.randint(0, 3))},
                }
                for name in ["0003.png", *luck.sample(names, luck.randint(0, 4))]
            ],
        }
        for _ in range(luck.randint(1, 5))
    ]
    run = {"classes": classes, "items": items * luck.choice([1, 1, 2])}
    return run, plain_rules.geneval(run)


def dpg(luck: random.Random) -> Any:
    labels = ["attribute - colour (cat, red)", "entity - whole (cat)", "global (photo)", "other"]
    rows = []
    for block in range(luck.randint(2, 8)):
        name = luck.choice(["a1", "b2", "c 3"]) if block else "a1"
        count = luck.randint(1, 5)
        for number in range(1, count + 1):
            parents = luck.choice(
                ["0", "0", str(luck.randint(1, count)), f"{luck.randint(1, count)}, 0", "9", "0,7"]
            )
            shown = str(luck.choice([number, number, 1]))
            rows.append(
                {
                    "item_id": name,
                    "text": "t",
                    "proposition_id": shown,
                    "dependency": parents,
                    "tuple": luck.choice(labels),
                    "question_natural_language": "q?",
                    "category_broad": "x",
                }
            )
    crops = luck.choice([1, 2, 4])
    said = ["yes", "yes", "yes", "no", "Yes", "yes.", ""]
    images = [
        {
            "file": name,
            "answers": [{str(n): luck.choice(said) for n in range(1, 10)} for _ in range(crops)],
        }
        for name in luck.sample(
            ["a1.png", "a1.x.png", "b2.jpg", "c 3.png", "zz.png"], luck.randint(1, 5)
        )
    ]
    run = {"pic_num": crops, "rows": rows, "images": images}
    return run, plain_rules.dpg(run)


def spatial(luck: random.Random) -> Any:
    def reply(keys: list[str]) -> str | None:
        lines = [f"{luck.choice([key, key, key, key, 'E', key.lower(), '*' + key])}: x" for key in keys]
        odd = ["", None, "<error>", "\n".join(lines[1:]), "\n".join([*lines, "Done."])]
        return (
            luck.choice(odd) if luck.random() < 0.2 else luck.choice(["\n", "\n\n", "\r\n"]).join(lines)
        )

    items = []
    for number in range(luck.randint(1, 8)):
        keys = luck.choices("ABCD", k=10)
        calls = 26 if not number else luck.choice([3, 5, 30])
        items.append(
            {
                "id": f"{number:06d}",
                "scene": "Attic",
                "questions": ["?"] * 10,
                "answers": keys,
                "replies": [reply(keys) for _ in range(calls)],
            }
        )
    run = {"items": items}
    return run, plain_rules.spatial(run)


def crea(luck: random.Random) -> Any:
    def reply() -> str | None:
        numbers = [
            luck.choice([1, 5, 2.5, -3, 7, "4", True]) for _ in range(luck.choice([6, 6, 6, 5, 7]))
        ]
        array = json.dumps(numbers)
        odd = [
            None,
            "",
            "no",
            "{}",
            "[",
            "]",
            f"[[{array}]]",
            f"[1] {array}",
            array[:-1] + ",]",
            "[" * 5000 + "]",
            f"so:\n{array}\nand {array}",
            array.replace(" ", "\n"),
            '["a", 1, 2, 3, 4, 5]',
            "[null, 1, 2, 3, 4, 5]",
        ]
        return luck.choice(odd) if luck.random() < 0.4 else f"{luck.choice(['', 'Scores: '])}{array}"

    answers = {f"p{n}": [reply() for _ in range(luck.randint(0, 5))] for n in range(luck.randint(1, 4))}
    answers["sure"] = ["[1, 2, 3, 4, 5, 5]"]
    run = {"answers": answers}
    return run, plain_rules.crea(run)


def wise_run(luck: random.Random, legacy: bool) -> Any:
    star, colon = luck.choice(["", "*", "**", "***"]), luck.choice([":", "", " :", "：", "::"])

    def said() -> str | None:
        digit = luck.choice("0112" if legacy else "011")
        if luck.random() < 0.2:
            return luck.choice(
                [
                    None,
                    "",
                    "I cannot.",
                    "0\n1\n1\n2",
                    "1",
                    " 1 \n",
                    "score score: 1",
                    "<think>\nScore: 0",
                ]
            )
        if legacy:
            names = luck.sample(
                ["Consistency", "REALISM", "Aesthetic Quality", "aesthetic  quality"], 3
            )
            return "\n".join(f"{star}{name}{star}{colon} {digit}" for name in names)
        thought = luck.choice(["", "<think>Score: 0\n</think>", "Score: 1</think>"])
        end = luck.choice(["", ".", "0", "/1", " of 1", "x"])
        return f"{thought}{star}Score{star}{colon} {digit}{end}"

    texts = [said() for _ in range(20)]
    ids = luck.sample(range(1, 1001), 40)
    attempts = {
        str(n): [luck.choice([None, *range(20)]) for _ in range(luck.randint(1, 4))] for n in ids[5:]
    }
    run = {"attempts": attempts, "missing_images": ids[:5], "texts": texts}
    parts = (wise.LEGACY if legacy else wise.VERIFIED).categories
    return run, plain_rules.wise(run, texts, dict(parts), legacy)


MAKERS: dict[str, Maker] = {
    "GenEval2": geneval2,
    "GenEval": geneval,
    "DPG": dpg,
    "OneIG_alignment": alignment,
    "OneIG_text": text,
    "LongText": longtext,
    "SpatialGenEval": spatial,
    "CREA": crea,
    "WISE_legacy": lambda luck: wise_run(luck, True),
    "WISE_verified": lambda luck: wise_run(luck, False),
}
