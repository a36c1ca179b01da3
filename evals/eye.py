"""How often the embedded eye answers rightly: about rendered scenes, whose truth is known, and about
generated pictures, which were labelled by looking.

``python -m gems.evals.eye [--scenes 2000] [--seed S] [--labels]``

Rendered objects are shifted by up to two pixels, so that neighbours touch; every pair of colours is put
next to each other in turn. Scenes are enlarged like generated pictures and read from files.

``labels.jsonl`` has a line a generated picture: its prompt and seed, and every object as cell, colour
and shape, with ``?`` for what has none. ``docs/eye-sheet.jpg`` shows the pictures in that order.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..models.embedded.decisions import decide
from ..models.embedded.eye import Seen, look
from ..models.embedded.grammar import read_prompt
from ..models.embedded.layout import as_seen
from ..models.embedded.questions import (
    Check,
    ColourCheck,
    CountCheck,
    RelationCheck,
    parse_question,
    questions_for,
)
from ..models.embedded.scenes import render
from ..models.embedded.wish import PLACES, ObjectKind
from ..models.embedded.world import CELLS, COLOURS, MAX_OBJECTS, RELATIONS, SHAPES, Item
from ..models.pictures.generator import Draw
from ..models.registry import open_generator
from ..settings import Settings

LABELS = Path(__file__).parent / "labels.jsonl"
JITTER = 2
"""Pixels, of 64: two neighbours shifted towards each other touch."""
ENLARGE = 8
"""What the embedded generator's pictures are enlarged by."""
Rng = np.random.Generator
PAIRS = list(itertools.combinations(COLOURS, 2))


def scene(rng: Rng, number: int) -> list[Item]:
    """One to six objects; the first two stand side by side in the ``number``-th pair of colours."""
    shapes = [SHAPES[int(i)] for i in rng.integers(len(SHAPES), size=MAX_OBJECTS)]
    colours = list(PAIRS[number % len(PAIRS)])
    colours += [list(COLOURS)[int(i)] for i in rng.integers(len(COLOURS), size=MAX_OBJECTS)]
    column, row = int(rng.integers(3)), int(rng.integers(4))
    cells = [f"{'abcd'[column]}{row + 1}", f"{'abcd'[column + 1]}{row + 1}"]
    cells += [c for c in rng.permutation(CELLS) if c not in cells]
    count = int(rng.integers(1, MAX_OBJECTS + 1))
    return [Item(colours[i], shapes[i], str(cells[i])) for i in range(count)]


def truth_of(items: Sequence[Item]) -> list[Seen]:
    """What the eye should see of ``items``: each in the middle of its cell."""
    return [as_seen(i.cell, i.colour, i.shape) for i in items]


def checks_about(items: Sequence[Item], rng: Rng) -> list[Check]:
    """Questions whose answers are sometimes yes and sometimes no."""
    kinds = [ObjectKind(item.colour, item.shape) for item in items]
    other = ObjectKind(list(COLOURS)[int(rng.integers(6))], SHAPES[int(rng.integers(6))])
    first, last = kinds[0], kinds[-1]
    places = list(PLACES)
    found: list[Check] = [CountCheck(ObjectKind(None, None), len(items), exact=True)]
    for kind in dict.fromkeys([*kinds, other]):
        number = max(1, kinds.count(kind) + int(rng.integers(-1, 2)))
        found.append(CountCheck(kind, number, exact=bool(rng.integers(2))))
        place = places[int(rng.integers(len(places)))]
        found.append(CountCheck(kind, 1, exact=False, place=place))
    found.append(ColourCheck(ObjectKind(None, first.shape), str(first.colour)))
    if first != last:
        found += [RelationCheck(first, name, (last,)) for name in RELATIONS]
    return found


def write_picture(items: Sequence[Item], rng: Rng, path: Path) -> None:
    """The scene as a PNG file of the size that is shown."""
    small = render(items, rng, jitter=JITTER)
    big = cv2.resize(small, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_LANCZOS4)
    cv2.imwrite(str(path), big[..., ::-1])


def measure(scenes: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Questions asked and answered rightly, by sort, and whole scenes read rightly."""
    rng = np.random.default_rng(seed)
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.png"
        for number in range(scenes):
            items = scene(rng, number)
            write_picture(items, rng, path)
            seen, truth = look(path) or [], truth_of(items)
            found = sorted((s.colour or "", s.shape or "", s.cell) for s in seen)
            asked["scene"] += 1
            right["scene"] += found == sorted((i.colour, i.shape, i.cell) for i in items)
            for check in checks_about(items, rng):
                sort = type(check).__name__.removesuffix("Check").lower()
                asked[sort] += 1
                right[sort] += decide(check, seen)[0] == decide(check, truth)[0]
    return asked, right


def read_labels() -> list[tuple[Draw, list[Seen]]]:
    """The labelled pictures: how to draw each, and what a person sees in it."""
    found = []
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        seen = [labelled(*text.split()) for text in entry["objects"]]
        found.append((Draw(entry["prompt"], entry["seed"]), seen))
    return found


def labelled(cell: str, colour: str, shape: str) -> Seen:
    """An object as ``labels.jsonl`` states it, in the middle of its cell; ``?`` has no name, so
    None."""
    return as_seen(cell, None if colour == "?" else colour, None if shape == "?" else shape)


def agreement(labels: Sequence[tuple[Draw, list[Seen]]]) -> tuple[int, int]:
    """Questions of the pictures' own prompts on which eye and labels agree, and all of them."""
    generator = open_generator("embedded", Settings(device="cpu"))
    pictures = asyncio.run(generator.draw([draw for draw, _ in labels]))
    same = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, ((draw, truth), picture) in enumerate(zip(labels, pictures, strict=True)):
            path = Path(folder) / f"{number}.png"
            path.write_bytes(picture.data)
            seen = look(path) or []
            for item in questions_for(read_prompt(draw.prompt)):
                check = parse_question(item["question"])
                same += decide(check, seen)[0] == decide(check, truth)[0]
                asked += 1
    return same, asked


def main() -> None:
    """Prints a line a sort of question, or the agreement with the labels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--labels", action="store_true", help="the labelled pictures instead")
    options = parser.parse_args()
    if options.labels:
        same, asked_about = agreement(read_labels())
        print(
            f"{same} of {asked_about} answers agree with the labels ({100 * same / asked_about:.2f}%)"
        )
        return
    asked, right = measure(options.scenes, options.seed)
    for sort in asked:
        share = 100 * right[sort] / asked[sort]
        print(f"{sort:9} {right[sort]:6} of {asked[sort]:6} right ({share:.2f}%)")
    questions = {sort: n for sort, n in asked.items() if sort != "scene"}
    share = 100 * sum(right[sort] for sort in questions) / sum(questions.values())
    print(f"questions {share:.2f}% right")


if __name__ == "__main__":
    main()
