"""Trains the embedded generator from nothing: ``python -m gems.training [--out DIR]``.

Resumable: started again with the same folder it goes on from its checkpoints. The finished pipeline is
``DIR/weights``; copy it to ``models/embedded/weights`` to package it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from . import autoencoder, generator


def main() -> None:
    """Trains the autoencoder, then the transformer on its latents; both go on where they were
    stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("training/runs"))
    parser.add_argument("--pictures", type=int, default=autoencoder.IMAGES, help="of the autoencoder")
    parser.add_argument("--images", type=int, default=generator.IMAGES, help="of the transformer")
    options = parser.parse_args()
    vae = options.out / "vae"
    autoencoder.train(vae, options.pictures, options.out / "vae.pt")
    generator.train_shapes(vae, options.out / "weights", options.images, options.out / "generator.pt")


if __name__ == "__main__":
    main()
