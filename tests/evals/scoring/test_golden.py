"""Golden files: every figure the same as the official one, and every difference found."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import gems as run
from gems.errors import InputError
from gems.evals.scoring.golden import check_file, check_folder, difference

OWN = Path(__file__).parent / "golden"
SHARED = Path(__file__).parents[4] / "shared" / "benchmarks" / "golden"
FILES = sorted(OWN.glob("*.json")) + sorted(SHARED.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_figure_is_the_official_one(path: Path) -> None:
    findings = list(check_file(path))
    assert findings
    assert [finding for finding in findings if finding.difference] == []


def changed(value: Any) -> Iterator[Any]:
    """The value with one leaf changed, for every leaf."""
    if isinstance(value, dict):
        for key in value:
            yield from ({**value, key: other} for other in changed(value[key]))
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in changed(member))
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1e-3
    else:
        yield "something else"


@pytest.mark.parametrize("path", sorted(OWN.glob("*.json")), ids=lambda path: path.stem)
def test_any_changed_leaf_is_a_difference(path: Path, tmp_path: Path) -> None:
    golden = json.loads(path.read_text())
    target = tmp_path / path.name
    for run_name, figures in golden["official"].items():
        for figure, value in figures.items():
            for other in changed(value):
                off = copy.deepcopy(golden)
                off["official"][run_name][figure] = other
                target.write_text(json.dumps(off))
                wrong = [f.name for f in check_file(target) if f.difference]
                assert wrong == [f"{path.stem}.{run_name}.{figure}"]


def test_a_file_is_known_by_its_about_when_its_name_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "held-back.json").write_text((OWN / "LongText.json").read_text())
    assert all(not finding.difference for finding in check_folder(tmp_path))
    other = {"input": {"runs": {"a": {}}}, "official": {"a": {"score": 1}}}
    (tmp_path / "other.json").write_text(json.dumps(other))
    assert [f.name for f in check_folder(tmp_path) if f.difference] == ["other"]


def test_what_cannot_be_scored_is_a_difference_and_no_traceback(tmp_path: Path) -> None:
    golden = json.loads((OWN / "DPG.json").read_text())
    del golden["input"]["runs"]["one"]["rows"][1]["dependency"]
    golden["official"]["gone"] = {"score": 1.0}
    (tmp_path / "DPG.json").write_text(json.dumps(golden))
    assert all(finding.difference for finding in check_folder(tmp_path))


def test_a_missing_and_a_surplus_member_are_differences() -> None:
    assert "only official" in difference({}, {"a": 1.0}, 1e-9)
    assert "only ours" in difference({"a": 1.0, "b": 2.0}, {"a": 1.0}, 1e-9)
    assert "only ours" in difference([1.0, 2.0], [1.0], 1e-9)
    assert difference(True, 1, 1e-9)
    assert difference(None, 0.0, 1e-9)
    assert not difference(1.0, 1 + 1e-10, 1e-9)


def test_the_command_prints_a_line_a_figure_and_fails_on_a_difference(tmp_path: Path) -> None:
    good = run("eval", "check-scoring", str(OWN))
    assert good.exit_code == 0
    assert "SAME CREA.two.total" in good.stdout.splitlines()
    golden = json.loads((OWN / "CREA.json").read_text())
    golden["official"]["two"]["total"] = 17
    (tmp_path / "CREA.json").write_text(json.dumps(golden))
    bad = run("eval", "check-scoring", str(tmp_path))
    assert bad.exit_code == 1
    assert "DIFF CREA.two.total  (ours 18.0, official 17)" in bad.stdout.splitlines()


NO_GOLDEN_FILES = [
    "{", "[]", "3", "null", "[" * 5000, '{"input": {}}', '{"input": [], "official": {"a": {"b": 1}}}',
    '{"input": {"runs": {}}, "official": 1}', '{"input": {"runs": []}, "official": {"a": {"b": 1}}}',
    '{"input": {"runs": {"a": {}}}, "official": {"a": 1}}', '{"input": {"runs": {}}, "official": {}}',
    '{"input": {"runs": {"a": 3}}, "official": {"a": {"b": 1}}}',
]  # fmt: skip


@pytest.mark.parametrize("text", NO_GOLDEN_FILES)
def test_what_is_no_golden_file_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "CREA.json").write_text(text)
    with pytest.raises(InputError, match=r"CREA\.json"):
        list(check_folder(tmp_path))
    assert run("eval", "check-scoring", str(tmp_path / "nowhere")).exit_code == 2


def test_a_figure_that_there_is_nothing_to_make_of_is_none_or_not_a_number() -> None:
    nothing = float("nan")
    assert not difference(None, nothing, 1e-9) and not difference(nothing, nothing, 1e-9)
    assert difference(0.0, nothing, 1e-9) and difference(nothing, 0.0, 1e-9)
