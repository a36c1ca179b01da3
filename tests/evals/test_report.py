"""The report: one page with everything in it, whose words are data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gems.evals.arms import Arm
from gems.evals.records import Record
from gems.evals.report import MOST_FAILURES, render, write
from gems.evals.score import Scores, score
from PIL import Image

MakeRecord = Callable[..., Record]
ARMS = (Arm(name="base"), Arm(name="loop", context={"memory": True}))


def scores_of(record: MakeRecord, failures: int, **fields: object) -> Scores:
    records = [record("base", n, 1, n >= failures, **fields) for n in range(50)]
    return score(records + [record("loop", n, 2, **fields) for n in range(50)], ARMS)


def test_the_page_escapes_what_it_is_given_and_loads_nothing(
    tmp_path: Path, record: MakeRecord
) -> None:
    page = render("<tiny>", scores_of(record, 1, prompt="<b>&{{ 1 + 1 }}"), tmp_path)
    assert "&lt;tiny&gt;" in page and "&lt;b&gt;&amp;{{ 1 + 1 }}: 1 of 2" in page
    assert "<b>" not in page and "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "loop over base" in page and "own verdicts" in page


def test_the_page_shows_failures_as_far_as_there_is_room(tmp_path: Path, record: MakeRecord) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "i.png")
    few = render("t", scores_of(record, 3), tmp_path)
    assert few.count("data:image/jpeg;base64,") == 3 and "3 of its pictures" in few
    assert "are shown" not in few
    many = render("t", scores_of(record, 50), tmp_path)
    assert many.count("data:image/jpeg;base64,") == MOST_FAILURES
    assert f"the first {MOST_FAILURES} are shown" in many


def test_a_picture_that_is_gone_leaves_its_words(tmp_path: Path, record: MakeRecord) -> None:
    page = render("t", scores_of(record, 1), tmp_path)
    assert 'src=""' in page and "p: 1 of 2" in page


def test_the_ladder_is_a_file_of_its_own(tmp_path: Path, record: MakeRecord) -> None:
    path = write("t", scores_of(record, 1), tmp_path)
    figure = (tmp_path / "ladder.svg").read_text()
    assert figure.startswith("<svg") and ">98.0%<" in figure
    assert figure.strip() in path.read_text()
