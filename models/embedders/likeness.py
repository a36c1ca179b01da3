"""From where on two texts count as alike, found out for any embedder by what it makes of unlike ones.

Embedders differ in the cosine of two texts that have nothing in common: .1 with some, .8 with others,
and less across languages than within one. So a fixed number would be right for one of them at most.
What counts is how much nearer a text is than a set of requests for pictures of anything at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BACKGROUND = (
    "a cup of tea on a table", "a mountain road in the fog", "portrait of a woman with glasses",
    "a modern kitchen", "a white sports car on a bridge", "abstract painting in blue and gold",
    "a dog running through snow", "a city skyline at sunset", "a poster with large letters",
    "two children on a swing", "a robot in a factory", "a garden full of roses",
    "a wooden boat on a river", "three green bottles on a shelf", "a knight in shining armour",
    "a slice of chocolate cake", "a logo with a star", "an old church with a tower",
    "a crowd at a concert", "a spaceship above a planet", "a black cat on a roof",
    "a field of wheat under clouds", "a pencil sketch of a hand",
    "a yellow circle above a purple square", "a waterfall in the jungle", "a bookshelf with plants",
    "an elderly man reading a newspaper", "a cartoon elephant with an umbrella",
    "a plate of spaghetti", "a desert with camels", "a street musician with a guitar",
    "a photo of a butterfly on a flower", "a winter night with northern lights",
    "a wooden chair next to a lamp", "a map of a treasure island", "a fashion model in a long coat",
    "an ice cream shop", "a bridge over a canal", "a basket of oranges and grapes",
    "a skeleton dancing", "a girl with a pearl necklace, oil painting", "a submarine under the ice",
    "a red door in a stone house", "a chart with coloured bars", "five birds on a wire",
    "a glass of water without ice", "a soldier writing a letter", "a tiger behind tall grass",
)  # fmt: skip
"""Requests that have little in common."""
MARGIN = 2.8
"""How far above the background's a likeness has to be, in the background's own standard deviations; see
docs/experiments.md for how many false recalls that lets through."""


@dataclass(frozen=True)
class Background:
    """What an embedder makes of unlike texts: their mean vector, and the deviation of their cosines."""

    mean: tuple[float, ...]
    spread: float

    def least_likeness(self, vector: Sequence[float]) -> float:
        """See ``Embedder``: the mean cosine to the background, and the margin."""
        return float(np.dot(self.mean, vector)) + MARGIN * self.spread


def measure_background(vectors: Sequence[Sequence[float]]) -> Background:
    """The background of an embedder by its vectors of ``BACKGROUND``, of unit length."""
    rows = np.asarray(vectors, np.float64)
    cosines = (rows @ rows.T)[~np.eye(len(rows), dtype=bool)]
    return Background(tuple(rows.mean(0).tolist()), float(cosines.std()))
