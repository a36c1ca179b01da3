"""The protocols once more, as short and literal as can be, to set beside the package's own scorers.

Each function takes a run of a golden file's ``input`` and gives its ``official`` figures, written from
the protocols' descriptions and not from the package.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

DIGITS = dict(
    zip("one two three four five six seven eight nine ten".split(), "1234567891", strict=True)
)


def average(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def geneval2(run: Any) -> Any:
    chances, skills, atoms = [], defaultdict(list), defaultdict(list)
    for item in run["items"]:
        row = []
        for (question, expected), completion in zip(item["vqa_list"], item["completions"], strict=True):
            right = ["Yes", "yes", " Yes", " yes"]
            if question.startswith("How many"):
                upper = expected[:1].upper() + expected[1:]
                right = [expected, upper, " " + expected, " " + upper, DIGITS[expected], " "]
            content = (completion["choices"][0].get("logprobs") or {}).get("content") or []
            top = content[0]["top_logprobs"] if content else []
            row.append(math.fsum(math.exp(t["logprob"]) for t in top if t["token"] in right))
        chances.append(row)
        for skill, chance in zip(item["skills"], row, strict=True):
            skills[skill].append(chance)
        atoms[item["atom_count"]].append(math.prod(row) ** (1 / len(row)))
    means = [average(row) for row in chances]
    roots = [math.prod(row) ** (1 / len(row)) for row in chances]
    return {
        "soft_tifa_am": 100 * average(means),
        "soft_tifa_gm": 100 * average(roots),
        "per_prompt_am": means,
        "per_prompt_gm": roots,
        "question_probabilities": chances,
        "per_skill_am": {name: 100 * average(found) for name, found in skills.items()},
        "per_atomicity_gm": {str(count): 100 * average(found) for count, found in atoms.items()},
    }


def relation_holds(name: str, a: list[float], b: list[float]) -> bool:
    axis, sign = {"left of": (0, -1), "right of": (0, 1), "above": (1, -1), "below": (1, 1)}[name]
    offset = [(a[i] + a[i + 2] - b[i] - b[i + 2]) / 2 for i in (0, 1)]
    reach = [0.1 * (a[i + 2] - a[i] + b[i + 2] - b[i]) for i in (0, 1)]
    left = [math.copysign(max(abs(o) - r, 0), o) for o, r in zip(offset, reach, strict=True)]
    return max(map(abs, left)) >= 0.001 and sign * left[axis] / math.hypot(*offset) > 0.5


def picture_is_correct(metadata: Any, detections: Any) -> bool:
    least = 0.9 if metadata["tag"] == "counting" else 0.3
    best = {
        name: sorted((b for b in boxes if b["score"] > least), key=lambda b: -b["score"])[:16]
        for name, boxes in detections.items()
    }
    taken: list[Any] = []
    for clause in metadata["include"]:
        boxes = best.get(clause["class"], [])[: clause["count"]]
        well = len(boxes) == clause["count"]
        well = well and all(b["color"] == clause.get("color", b["color"]) for b in boxes)
        if well and "position" in clause:
            name, place = clause["position"]
            others = taken[place]
            well = others is not None and all(
                relation_holds(name, b["box"], o["box"]) for b in boxes for o in others
            )
        taken.append(boxes if well else None)
    surplus = [len(best.get(c["class"], [])) >= c["count"] for c in metadata.get("exclude", [])]
    return None not in taken and not any(surplus)


def geneval(run: Any) -> Any:
    verdicts = [
        [
            picture_is_correct(item["metadata"], picture["detections"])
            if re.match("[0-9]+[.]png", picture["file"])
            else None
            for picture in item["images"]
        ]
        for item in run["items"]
    ]
    tags, prompts = defaultdict(list), defaultdict(list)
    for item, found in zip(run["items"], verdicts, strict=True):
        for verdict in found:
            if verdict is not None:
                tags[item["metadata"]["tag"]].append(verdict)
                prompts[json.dumps(item["metadata"])].append(verdict)
    shares = {tag: average(found) for tag, found in tags.items()}
    every = [verdict for found in tags.values() for verdict in found]
    return {
        "correct": verdicts,
        "per_task": shares,
        "overall": average(list(shares.values())),
        "images": len(every),
        "images_correct": average(every),
        "prompts": len(prompts),
        "prompts_with_a_correct_image": average([any(found) for found in prompts.values()]),
    }


def dpg(run: Any) -> Any:
    items: dict[str, dict[int, Any]] = {}
    before = None
    for row in run["rows"][1:]:
        if row["item_id"] != before:
            items[row["item_id"]] = {}
        before = row["item_id"]
        items[before][int(row["proposition_id"])] = row
    scores: dict[str, float | None] = {}
    first, second = defaultdict(list), defaultdict(list)
    for image in run["images"]:
        name, known = image["file"], items.get(image["file"].split(".")[0])
        scores[name] = None
        crops = []
        last: dict[int, int] = {}
        try:
            for said in image["answers"][: run["pic_num"]] if known else []:
                last = {number: int(said[str(number)] == "yes") for number in known or {}}
                marks = dict(last)
                for number, row in (known or {}).items():
                    for parent in map(int, row["dependency"].split(",")):
                        if parent and not marks[parent]:
                            marks[number] = 0
                            break
                crops.append(average(list(marks.values())))
        except KeyError:
            continue
        if crops:
            scores[name] = average(crops)
            for number, row in (known or {}).items():
                label = row["tuple"].split("(")[0].strip()
                second[label].append(last[number])
                first[label.split("-")[0].strip()].append(last[number])
    left = [score for score in scores.values() if score is not None]
    return {
        "score": 100 * average(left) if left else None,
        "per_image": scores,
        "left_out": sorted(name for name, score in scores.items() if score is None),
        "category_l1": {name: 100 * average(found) for name, found in first.items()},
        "category_l2": {name: 100 * average(found) for name, found in second.items()},
    }


def alignment(run: Any) -> Any:
    prompts: dict[str, float | None] = {}
    for item in run["items"]:
        cells = [cell for cell in item["cells"] if cell == "picture"] if len(item["files"]) == 1 else []
        marks = []
        for place in range(len(cells)):
            yes = {name: said[place] == "Yes" for name, said in item["answers"].items()}
            parents = {n: [str(p) for p in item["dependency"][n] if str(p) in yes] for n in yes}
            marks.append(average([yes[n] and all(yes[p] for p in parents[n]) for n in yes]))
        prompts[f"{item['class']}_{item['id']}"] = average(marks) if marks else None
    left = [mark for mark in prompts.values() if mark is not None]
    return {"alignment": average(left) if left else None, "per_prompt": prompts}


def spatial(run: Any) -> Any:
    right: dict[str, Any] = {}
    calls: dict[str, int] = {}
    for item in run["items"]:
        valid: list[str] = []
        calls[item["id"]] = 0
        for reply in item["replies"][:25]:
            if len(valid) == 5:
                break
            calls[item["id"]] += 1
            lines = [] if reply in (None, "<error>") else reply.split("\n")
            firsts = [line.strip()[0] for line in lines if line.strip()]
            if len(firsts) == len(item["questions"]):
                valid.append("".join(firsts))
        right[item["id"]] = (
            [sum(said[n] == key for said in valid) >= 4 for n, key in enumerate(item["answers"])]
            if len(valid) == 5
            else None
        )
    rows = [found for found in right.values() if found is not None]
    dimensions = [round(sum(column) / len(column), 3) for column in zip(*rows, strict=True)]
    parts = {"avg": dimensions, "basic": dimensions[:2], "spatial": dimensions[2:]}
    means = {name: average(part) for name, part in parts.items()}
    return {
        "right_per_item": right,
        "calls_made": calls,
        "dimensions": dimensions,
        **{f"{name}_acc": mean for name, mean in means.items()},
    }


def crea(run: Any) -> Any:
    def read(reply: str | None) -> Any:
        said = reply or ""
        start = said.find("[")
        end = said.find("]", start + 1) if start >= 0 else -1
        try:
            found = json.loads(said[start : end + 1] if end >= 0 else said)
            if end >= 0 and len(found) != 6:
                found = json.loads(said)
            numbers = [float(one) for one in found]
        except (ValueError, TypeError, RecursionError):
            return None
        return numbers if len(numbers) == 6 and isinstance(found, list) else None

    scores = {prompt: [read(reply) for reply in replies] for prompt, replies in run["answers"].items()}
    left = [found for answers in scores.values() for found in answers if found]
    means = [average(list(column)) for column in zip(*left, strict=True)]
    return {"scores": scores, "counted": len(left), "means": means, "total": math.fsum(means)}


def wise(run: Any, texts: list[str | None], parts: dict[str, tuple[int, float]], legacy: bool) -> Any:
    def lines(said: str, allowed: str) -> list[float]:
        bare = [line.strip() for line in said.split("\n")]
        return [float(line) for line in bare if line in list(allowed)]

    def read_one(said: str) -> Any:
        left = re.sub("<think>.*?</think>", "", said, flags=re.S).replace("</think>", "")
        match = re.search(r"score[*]?[*]?\s*:?\s*([01])(?!\w)", left, re.I)
        alone = lines(left, "01")
        return float(match[1]) if match else alone[0] if len(alone) == 1 else None

    def read_three(said: str) -> Any:
        found = []
        for name in ("consistency", "realism", "aesthetic quality"):
            hits = re.findall(name + r"[*]?[*]?\s*:?\s*([0-9])", said, re.I)
            found.append(float(hits[-1]) if hits else None)
        if found == [None] * 3:
            found = [*lines(said, "012")[:3]]
        return found if len(found) == 3 and None not in found else None

    scores: dict[str, Any] = {}
    marks = {}
    for number, calls in run["attempts"].items():
        for index in calls[:3]:
            said = (None if index is None else texts[index]) or ""
            found = read_three(said) if legacy else read_one(said)
            if found is not None:
                scores[number] = found
                marks[int(number)] = (
                    sum(w * f for w, f in zip((0.35, 0.1, 0.05), found, strict=True))
                    if legacy
                    else found
                )
                break
    first, means = 1, {}
    for name, (last, _) in parts.items():
        inside = [mark for number, mark in marks.items() if first <= number <= last]
        means[name], first = average(inside) if inside else None, last + 1
    asked = {*map(int, run["attempts"]), *run.get("missing_images", [])}
    return {
        "scores": scores,
        "without_score": sorted(asked - set(marks)),
        "category_means": means,
        "overall": None,
    }
