"""The encoder of multilingual-e5-small, in numpy: tokens in, one vector a text out.

The architecture is BERT's (Devlin et al. 2019), the weights those of "Multilingual E5 Text Embeddings"
(Wang et al. 2024), in blocks of 4 bits on disk. Written by hand: what packages ship this model for
Python are built for one platform, and torch is a hundred times the size and not always there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Weights that share a scale."""
Floats = NDArray[np.float32]


def unpack(rows: NDArray[np.uint8]) -> Floats:
    """Rows of blocks of 18 bytes (a half-precision scale, 32 weights of 4 bits around 8) as numbers."""
    blocks = np.ascontiguousarray(rows).reshape(-1, 2 + BLOCK // 2)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((halves.astype(np.float32) - 8) * scales).reshape(len(rows), -1)


def normalise(x: Floats, weight: Floats, bias: Floats, epsilon: float) -> Floats:
    """Layer normalisation over the last axis."""
    x = x - x.mean(-1, keepdims=True)
    scale = np.sqrt((x * x).mean(-1, keepdims=True) + epsilon)
    return np.asarray(x / scale * weight + bias, np.float32)


def gelu(x: Floats) -> Floats:
    """The Gaussian error linear unit, by the approximation of Hendrycks and Gimpel (2016)."""
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
    return np.asarray(0.5 * x * (1 + np.tanh(inner)), np.float32)


class Encoder:
    """The weights in a file, ready to encode; about 90 MB in memory.

    Raises:
        OSError, ValueError, KeyError: the file is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path) as file:
            self._heads, self._epsilon = int(file["heads"]), float(file["eps"])
            # Most of the file, of which a text needs a few rows: they are unpacked as they are needed.
            self._words: NDArray[np.uint8] = file["emb.word"]
            self._tensors: dict[str, Floats] = {
                name: unpack(file[name]).T if name.endswith(".w") and file[name].dtype == np.uint8
                else file[name]
                for name in file.files
                if name not in ("heads", "eps", "emb.word")
            }  # fmt: skip
        self._layers = sum(name.endswith(".q.w") for name in self._tensors)
        self._width = len(self._tensors["emb.ln.w"])
        self._places = self._tensors["emb.pos"].reshape(-1, self._width)

    def encode(self, tokens: Sequence[int]) -> Floats:
        """One text's vector, of unit length: the mean of what its tokens become.

        Args:
            tokens: at most 512 numbers of pieces, those for beginning and end among them.
        """
        x = unpack(self._words[list(tokens)]) + self._places[: len(tokens)]
        x = self._norm(x + self._tensors["emb.type"][: self._width], "emb.ln")
        for layer in range(self._layers):
            x = self._norm(x + self._attend(x, f"l{layer}"), f"l{layer}.aln")
            hidden = gelu(self._project(x, f"l{layer}.fi"))
            x = self._norm(x + self._project(hidden, f"l{layer}.fo"), f"l{layer}.oln")
        mean = x.mean(0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def _attend(self, x: Floats, layer: str) -> Floats:
        """Self-attention, all heads at once, and its output projection."""
        size = self._width // self._heads

        def split(name: str) -> Any:
            return self._project(x, f"{layer}.{name}").reshape(len(x), self._heads, size).swapaxes(0, 1)

        scores = split("q") @ split("k").swapaxes(1, 2) / math.sqrt(size)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (shares / shares.sum(-1, keepdims=True)) @ split("v")
        return self._project(mixed.swapaxes(0, 1).reshape(len(x), -1), f"{layer}.ao")

    def _project(self, x: Floats, name: str) -> Floats:
        return np.asarray(x @ self._tensors[f"{name}.w"] + self._tensors[f"{name}.b"], np.float32)

    def _norm(self, x: Floats, name: str) -> Floats:
        weight, bias = self._tensors[f"{name}.w"], self._tensors[f"{name}.b"]
        return normalise(x, weight, bias, self._epsilon)
