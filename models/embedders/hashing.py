"""Hashed words: an embedder that needs no weights and knows no meanings."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from .likeness import BACKGROUND, Background, measure_background

WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Words and word pairs hashed into a fixed number of signed buckets (feature hashing,
    Weinberger et al. 2009), damped counts, unit length. No model, no download."""

    def __init__(self, dimensions: int = 512) -> None:
        self.name = f"hashing-{dimensions}"
        self._dimensions = dimensions
        self._background: Background | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ``Embedder``; the same text gives the same vector in every process."""
        return [self._vector(text) for text in texts]

    async def least_likeness(self, vector: Sequence[float]) -> float:
        """See ``Embedder``."""
        if self._background is None:
            self._background = measure_background([self._vector(text) for text in BACKGROUND])
        return self._background.least_likeness(vector)

    def _vector(self, text: str) -> list[float]:
        # A crude singular: "two circles" and "a circle" should be near each other.
        words = [word.rstrip("s") or word for word in WORD.findall(text.casefold())]
        pairs = [f"{a} {b}" for a, b in pairwise(words)]
        vector = [0.0] * self._dimensions
        for feature, count in Counter([*words, *pairs]).items():
            digest = hashlib.blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest()
            number = int.from_bytes(digest, "big")
            sign = 1.0 if number & 1 else -1.0
            vector[(number >> 1) % self._dimensions] += sign * (1 + math.log(count))
        length = math.sqrt(sum(x * x for x in vector))
        # A text without words needs a direction, too: the zero vector has no cosine.
        if length == 0:
            vector[0] = length = 1.0
        return [x / length for x in vector]
