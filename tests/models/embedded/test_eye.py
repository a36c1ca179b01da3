"""The embedded world's eye, on rendered scenes and on what is none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from gems.models.embedded.eye import look, scaled, see
from gems.models.embedded.scenes import render
from gems.models.embedded.world import CELLS, COLOURS, GROUNDS, KINDS, SIZES, Item
from gems.training.decoder import scene


def test_every_kind_colour_size_and_ground_is_told_from_the_others() -> None:
    for offset, ground in enumerate(GROUNDS):
        for start in range(0, len(KINDS), 8):
            items = [
                Item(
                    list(COLOURS)[(number + offset) % 9],
                    kind,
                    CELLS[2 * number + 1 - number // 2 % 2],
                    list(SIZES)[(number + offset + start // 8) % 2],
                )
                for number, kind in enumerate(KINDS[start : start + 8])
            ]
            found = see(scaled(render(items, ground)))
            assert found is not None and found.ground == ground
            assert {(s.colour, s.kind, s.cell, s.size) for s in found.objects} == {
                (i.colour, i.kind, i.cell, i.size) for i in items
            }


def test_scenes_are_read_from_files_enlarged_and_compressed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(6):
        items, ground, shifts = scene(rng, 0.4)
        big = cv2.resize(render(items, ground, shifts), (768, 768), interpolation=cv2.INTER_LANCZOS4)
        path = tmp_path / f"{number}.jpg"
        cv2.imwrite(str(path), big[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        found = look(path)
        assert found is not None and found.ground == ground
        assert {(s.colour, s.kind, s.cell) for s in found.objects} == {
            (i.colour, i.kind, i.cell) for i in items
        }


def test_what_is_not_of_this_world_is_not_judged(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 200, 3)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), noise)
    (tmp_path / "text.png").write_text("no picture")
    assert [look(tmp_path / name) for name in ("noise.png", "text.png", "none.png")] == [None] * 3


def test_what_lies_across_cells_or_has_two_colours_has_no_name() -> None:
    across = np.roll(render([Item("red", "cat", "b2")]), 16, axis=1)
    found = see(scaled(across))
    assert found is not None and [s.kind for s in found.objects] == [None, None]
    both = render([Item("red", "square", "b2")])
    both[32:48, 32:64] = render([Item("blue", "square", "b2")])[32:48, 32:64]
    found = see(scaled(both))
    assert found is not None and [(s.colour, s.malformed) for s in found.objects] == [(None, True)]
    empty = see(scaled(render([])))
    assert empty is not None and empty.objects == ()
