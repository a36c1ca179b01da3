"""The default embedder: multilingual-e5-small, which ships with GEMS and knows many languages."""

from __future__ import annotations

import asyncio
import json
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from ...errors import StorageError
from .likeness import Background

WEIGHTS = Path(__file__).parent / "weights"
PIECES = 256
"""Word pieces of a text that are read; the weights hold places for as many."""
BEGIN, END = 0, 2
KEPT = 512
"""Vectors kept: a run asks for that of its prompt several times."""


class E5Embedder:
    """Reads its weights once a process, when it is first used; takes some 20 ms a text of one core."""

    name = "e5-small-1"

    def __init__(self) -> None:
        # Arrays of single precision, which is what the vectors have: an eighth of a list's memory.
        self._kept: OrderedDict[str, array[float]] = OrderedDict()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ``Embedder``.

        Raises:
            StorageError: the weights are missing or damaged.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept]
        found = {text: self._kept[text].tolist() for text in texts if text in self._kept}
        if missing:
            vectors = await asyncio.to_thread(encode, missing)
            found |= zip(missing, vectors, strict=True)
        for text in dict.fromkeys(texts):
            self._kept[text] = array("f", found[text])
            self._kept.move_to_end(text)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return [found[text] for text in texts]

    async def least_likeness(self, vector: Sequence[float]) -> float:
        """See ``Embedder``."""
        return (await asyncio.to_thread(background)).least_likeness(vector)


_lock, _turn = threading.Lock(), threading.Lock()
"""While the weights are read; while texts are encoded, since the limit on cores is the process's."""
_model: tuple[Any, Any, Background] | None = None


def model() -> tuple[Any, Any, Background]:
    """(tokenizer, encoder, background), read once a process.

    Raises:
        StorageError: a file is missing or damaged.
    """
    global _model
    with _lock:
        if _model is None:
            _model = read_model(WEIGHTS)
        return _model


def read_model(folder: Path) -> tuple[Any, Any, Background]:
    """See ``model``."""
    # Imported when it is needed: each of them takes longer than most commands.
    from tokenizers import Tokenizer

    from .encoder import Encoder

    try:
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
        encoder = Encoder(folder / "e5-small.npz")
        measured = json.loads((folder / "background.json").read_text("utf-8"))
        return tokenizer, encoder, Background(tuple(measured["mean"]), measured["spread"])
    # The tokenizers library raises bare exceptions.
    except Exception as exc:
        raise StorageError(
            f"the embedder's weights in {folder} cannot be read: {exc}; install GEMS again, or set "
            "GEMS_EMBEDDER=hashing"
        ) from exc


def encode(texts: Sequence[str]) -> list[list[float]]:
    """One vector a text, of its first pieces."""
    tokenizer, encoder, _ = model()
    vectors = []
    with _turn, on_one_core():
        for text in texts:
            # Every text is a question to a collection of such texts; E5 was taught this word for that.
            readable = text.encode("utf-8", "replace").decode()
            pieces = tokenizer.encode(f"query: {readable}").ids[: PIECES - 2]
            vectors.append(encoder.encode([BEGIN, *pieces, END]).tolist())
    return vectors


def on_one_core() -> AbstractContextManager[Any]:
    """Keeps numpy's products, which are small here, from waking a thread for every core: with other
    work beside them they take five times as long so."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:  # an installation without dependencies: slower, and as good
        return nullcontext()
    limit: AbstractContextManager[Any] = threadpool_limits(1, "blas")
    return limit


def background() -> Background:
    """What it makes of unlike texts, measured when its weights were packed."""
    return model()[2]
