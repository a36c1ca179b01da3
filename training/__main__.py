"""Trains the generator of the embedded world from nothing: ``python -m gems.training
--out DIR``.

Resumable: the same command goes on from the checkpoints in ``DIR``. First the decoder, then the
transformer; the finished pipeline is ``DIR/weights``. Neither needs the other, so ``--only`` trains
one of them, for instance beside the other on another core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from . import decoder, transformer

SMALL_PICTURES, SMALL_IMAGES = 6_400, 12_800


def main() -> None:
    """Trains both, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=("decoder", "transformer"))
    parser.add_argument("--pictures", type=int, default=decoder.PICTURES, help="of the decoder")
    parser.add_argument("--images", type=int, default=transformer.IMAGES, help="of the transformer")
    parser.add_argument("--small", action="store_true", help="ten minutes: that it works, not how well")
    options = parser.parse_args()
    if options.small:
        options.pictures, options.images = SMALL_PICTURES, SMALL_IMAGES
    if options.only != "transformer":
        decoder.train(options.out, options.pictures)
    if options.only != "decoder":
        transformer.train(options.out, options.images)


if __name__ == "__main__":
    main()
