"""How often the eye of the embedded world reads rightly: rendered scenes, or what the decoder makes of
them.

``python -m gems.training.sight [--scenes 500] [--seed S] [--vae DIR] [--noise N]``

Scenes hold anything anywhere, neighbours of any two colours among them, enlarged and written to
files like generated pictures. With ``--vae`` they are drawn by the decoder from the scenes' latents,
with noise of that standard deviation: how many objects are recognised says how good a decoder is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from ..models.embedded.eye import look
from ..models.embedded.scenes import render
from ..models.embedded.world import Item
from .code import encode
from .decoder import scene
from .pipeline import ENLARGE

DENSITY = 0.4
Pixels = NDArray[np.uint8]


def shown(items: list[Item], ground: str, shifts: NDArray[np.int_]) -> Pixels:
    """A rendered scene."""
    return render(items, ground, shifts)


class Decoded:
    """Draws scenes with a decoder."""

    def __init__(self, vae: Path, noise: float) -> None:
        self.vae = AutoencoderKL.from_pretrained(vae).eval()
        self.noise = noise
        self.random = torch.Generator().manual_seed(0)

    def __call__(self, items: list[Item], ground: str, shifts: NDArray[np.int_]) -> Pixels:
        """What the decoder makes of a scene's latents."""
        z = torch.from_numpy(encode(items, ground, shifts))[None]
        z = z + self.noise * torch.randn(z.shape, generator=self.random)
        with torch.no_grad():
            x = self.vae.decode(z).sample[0]
        pixels = ((x.clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 0).numpy()
        return np.asarray(pixels, np.uint8)


def main() -> None:
    """Prints the shares of scenes and objects that are read rightly, and what is read for what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vae", type=Path)
    parser.add_argument("--noise", type=float, default=0.0)
    options = parser.parse_args()
    draw = Decoded(options.vae, options.noise) if options.vae else shown
    rng, right, wrong = np.random.default_rng(options.seed), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.scenes):
            items, ground, shifts = scene(rng, DENSITY)
            picture = draw(items, ground, shifts)
            big = cv2.resize(picture, None, fx=ENLARGE, fy=ENLARGE, interpolation=cv2.INTER_LANCZOS4)
            path = Path(folder) / "scene.png"
            cv2.imwrite(str(path), big[..., ::-1])
            compare(items, ground, path, right, wrong)
    print(f"scenes {100 * right['scenes'] / options.scenes:.2f}% right", end=", ")
    print(f"objects {100 * right['objects'] / right['all objects']:.2f}% of {right['all objects']}")
    print("\n".join(f"{number:4} {what}" for what, number in wrong.most_common(20)))


def compare(
    items: list[Item], ground: str, path: Path, right: Counter[str], wrong: Counter[str]
) -> None:
    """Counts a picture's scene and objects."""
    found = look(path)
    seen = {s.cell: s for s in found.objects} if found else {}
    same = found is not None and found.ground == ground and len(seen) == len(items)
    for item in items:
        s = seen.get(item.cell)
        good = s is not None and (s.colour, s.kind, s.size) == (item.colour, item.kind, item.size)
        right["objects"] += good
        same = same and good
        if not good:
            read = f"{s.size} {s.colour} {s.kind}" if s else "nothing"
            wrong[f"{item.size} {item.colour} {item.kind} on {ground}: {read}"] += 1
    right["all objects"] += len(items)
    right["scenes"] += same


if __name__ == "__main__":
    main()
