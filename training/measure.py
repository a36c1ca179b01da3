"""How often the embedded generator's first picture is fully right, by kind of prompt, and the loop's.

``python -m gems.training.measure [--weights DIR] [--prompts 40] [--loop]``
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..graphs.session import Session
from ..models.embedded.world import Item
from ..models.pictures.diffusers.adapter import DiffusersGenerator
from ..nodes.dependencies import Dependencies
from ..settings import Settings
from .stream import (
    count_caption,
    kinds_of,
    layout_caption,
    place_caption,
    relation_caption,
    sample_scene,
)

Rng = np.random.Generator


WAYS: dict[str, tuple[Callable[[int, int], bool], Callable[[Rng, list[Item]], str | None]]] = {
    "one": (lambda objects, kinds: objects == 1, count_caption),
    "same": (lambda objects, kinds: kinds == 1 and objects > 1, count_caption),
    "mixed": (lambda objects, kinds: kinds > 1, count_caption),
    "relation": (lambda objects, kinds: True, relation_caption),
    "place": (lambda objects, kinds: True, place_caption),
    "layout": (lambda objects, kinds: objects > 1, layout_caption),
}
"""Which scenes (objects, kinds) a kind of prompt is about, and how it is said."""


def prompts_of(kind: str, count: int, rng: Rng) -> list[str]:
    """``count`` prompts of a kind: one, same (several of one kind), mixed, relation, place, layout."""
    found: list[str] = []
    while len(found) < count:
        items = sample_scene(rng)
        fits, describe = WAYS[kind]
        text = describe(rng, items) if fits(len(items), len(kinds_of(items))) else None
        if text is not None:
            found.append(text)
    return found


async def run_all(session: Session, prompts: list[str], **options: Any) -> list[Any]:
    """The results of all prompts, side by side so that their pictures are drawn in batches."""
    runs = (session.agenerate(text, seed=n, memory=False, **options) for n, text in enumerate(prompts))
    return list(await asyncio.gather(*runs))


def main() -> None:
    """Prints a line a kind: the share of first pictures fully right and, with ``--loop``, the
    loop's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--prompts", type=int, default=40)
    parser.add_argument("--loop", action="store_true", help="five rounds with skills, too")
    options = parser.parse_args()
    rng = np.random.default_rng(2026)
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), device="cpu")
        spec = f"diffusers:{options.weights}" if options.weights else "embedded"
        generator = DiffusersGenerator.open(spec, settings)
        session = Session(deps=Dependencies(settings, generator=generator))
        for kind in WAYS:
            prompts = prompts_of(kind, options.prompts, rng)
            first = asyncio.run(run_all(session, prompts, rounds=1, skill="none"))
            line = f"{kind:9} first picture {rate(first)}"
            if options.loop:
                loop = asyncio.run(run_all(session, prompts))
                pictures = np.mean([result["usage"]["images"] for result in loop])
                line += f"   loop {rate(loop)}   pictures {pictures:.2f}"
            print(line, flush=True)


def rate(results: list[Any]) -> str:
    """The share of fully right pictures, in percent."""
    return f"{100 * np.mean([r['outcome'] == 'all_passed' for r in results]):5.1f}%"


if __name__ == "__main__":
    main()
