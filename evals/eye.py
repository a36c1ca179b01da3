"""How often the embedded eye answers rightly: about rendered scenes, whose truth is known, and about
generated pictures, which were labelled by looking.

``python -m gems.evals.eye [--scenes 2000] [--seed S] [--labels]``

Rendered objects are off the middle of their cells; every pair of colours is put next to each other in
turn. Scenes are enlarged like generated pictures and read from files.

``labels.jsonl`` has a line a generated picture: its prompt, seed and ground, and every object as cell,
size, colour and kind, with ``?`` for what has none. ``docs/eye-sheet.jpg`` shows them in that order.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..models.embedded.decisions import decide
from ..models.embedded.eye import Scene, Seen, look
from ..models.embedded.questions import (
    Check,
    ColourCheck,
    CountCheck,
    GroundCheck,
    RelationCheck,
    parse_question,
    questions_for,
)
from ..models.embedded.reading.grammar import read_prompt
from ..models.embedded.scenes import Shifts, render
from ..models.embedded.wish import PLACES, ObjectKind
from ..models.embedded.world import (
    CELLS,
    COLOURS,
    GROUNDS,
    JITTER,
    KINDS,
    LETTERS,
    MAX_OBJECTS,
    PLAIN,
    RELATIONS,
    SIZES,
    THINGS,
    Item,
)
from ..models.pictures.generator import Draw
from ..models.registry import open_generator
from ..settings import Settings

LABELS = Path(__file__).parent / "labels.jsonl"
ENLARGE = 6
"""What the embedded generator's pictures are enlarged by."""
LETTER_SHARE = 0.2
"""Scenes that spell something in their first row."""
Rng = np.random.Generator
PAIRS = list(itertools.combinations(COLOURS, 2))


def any_of(rng: Rng, names: Sequence[str]) -> str:
    """One of ``names``, each as likely as another."""
    return names[int(rng.integers(len(names)))]


def scene(rng: Rng, number: int) -> tuple[list[Item], str, Shifts]:
    """One to eight objects, their ground, and how far each is off the middle of its cell; the first two
    stand side by side in the ``number``-th pair of colours."""
    colours = [*PAIRS[number % len(PAIRS)], *(any_of(rng, tuple(COLOURS)) for _ in range(MAX_OBJECTS))]
    column, row = int(rng.integers(3)), int(rng.integers(4))
    cells = [f"{'abcd'[column]}{row + 1}", f"{'abcd'[column + 1]}{row + 1}"]
    cells += [str(c) for c in rng.permutation(CELLS) if c not in cells]
    pool = KINDS if rng.random() < LETTER_SHARE else THINGS
    items = [
        Item(colours[i], any_of(rng, pool), cells[i], any_of(rng, tuple(SIZES)))
        for i in range(int(rng.integers(1, MAX_OBJECTS + 1)))
    ]
    ground = any_of(rng, tuple(GROUNDS))
    return items, ground, rng.integers(-JITTER, JITTER + 1, (len(items), 2))


def truth_of(items: Sequence[Item], ground: str) -> Scene:
    """What the eye should see of ``items``."""
    return Scene(ground, tuple(Seen(i.colour, i.kind, i.size, i.cell) for i in items))


def checks_about(truth: Scene, rng: Rng) -> list[Check]:
    """Questions whose answers are sometimes yes and sometimes no."""
    kinds = [ObjectKind(seen.colour, seen.kind) for seen in truth.objects]
    other = ObjectKind(any_of(rng, tuple(COLOURS)), any_of(rng, THINGS))
    first, last = kinds[0], kinds[-1]
    found: list[Check] = [CountCheck(ObjectKind(None, None), len(kinds), exact=True)]
    found.append(GroundCheck(any_of(rng, [name for name in GROUNDS if name != PLAIN])))
    for kind in dict.fromkeys([*kinds, other]):
        number = max(1, kinds.count(kind) + int(rng.integers(-1, 2)))
        found.append(CountCheck(kind, number, exact=bool(rng.integers(2))))
        found.append(CountCheck(replace(kind, size=any_of(rng, tuple(SIZES))), 1, exact=False))
        found.append(CountCheck(kind, 1, exact=False, place=any_of(rng, tuple(PLACES))))
    for word in truth.words:
        said = any_of(rng, (str(word.kind), str(word.kind)[:-1] + any_of(rng, LETTERS)))
        found.append(CountCheck(ObjectKind(None, said), 1, exact=True))
    found.append(ColourCheck(ObjectKind(None, first.name), str(first.colour)))
    if first != last:
        found += [RelationCheck(first, name, (last,)) for name in RELATIONS]
    return found


def write_picture(pixels: NDArray[np.uint8], path: Path) -> None:
    """A scene as a PNG file of the size that is shown."""
    big = cv2.resize(pixels, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_LANCZOS4)
    cv2.imwrite(str(path), big[..., ::-1])


def measure(scenes: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Questions asked and answered rightly, by sort, and whole scenes read rightly."""
    rng = np.random.default_rng(seed)
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.png"
        for number in range(scenes):
            items, ground, shifts = scene(rng, number)
            write_picture(render(items, ground, shifts), path)
            seen, truth = look(path) or Scene("", ()), truth_of(items, ground)
            asked["scene"] += 1
            right["scene"] += seen.ground == ground and set(seen.objects) == set(truth.objects)
            for check in checks_about(truth, rng):
                sort = type(check).__name__.removesuffix("Check").lower()
                asked[sort] += 1
                right[sort] += decide(check, seen)[0] == decide(check, truth)[0]
    return asked, right


def read_labels() -> list[tuple[Draw, Scene]]:
    """The labelled pictures: how to draw each, and what a person sees in it."""
    found = []
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        seen = tuple(labelled(*text.split()) for text in entry["objects"])
        found.append((Draw(entry["prompt"], entry["seed"]), Scene(entry["ground"], seen)))
    return found


def labelled(cell: str, size: str, colour: str, kind: str) -> Seen:
    """An object as ``labels.jsonl`` states it; ``?`` has no name, so None."""
    names = {word: None if word == "?" else word for word in (colour, kind, size)}
    return Seen(names[colour], names[kind], names[size], cell)


def agreement(labels: Sequence[tuple[Draw, Scene]]) -> tuple[int, int]:
    """Questions of the pictures' own prompts on which eye and labels agree, and all of them."""
    generator = open_generator("embedded", Settings(device="cpu"))
    pictures = asyncio.run(generator.draw([draw for draw, _ in labels]))
    same = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, ((draw, truth), picture) in enumerate(zip(labels, pictures, strict=True)):
            path = Path(folder) / f"{number}.png"
            path.write_bytes(picture.data)
            seen = look(path) or Scene("", ())
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
