"""The measurement of what memory finds, on a small set of its own."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from gems.evals.retrieval import SET, LabelledSet, measure, read_set, report
from gems.memory.fakes import FakeExperiences
from gems.models.embedders.e5 import E5Embedder

LINES = [
    {
        "subject": "cats",
        "stored": ["three cats on a sofa"],
        "rewording": ["on a sofa sit three cats", "a chart of rainfall"],
        "languages": {"de": "drei Katzen auf einem Sofa"},
    },
    {"subject": "bridge", "stored": ["a red bridge over a river"], "synonyms": ["a crimson bridge"]},
    {"unrelated": ["a dentist at work", "three cats on a sofa"]},
]


def small(path: Path) -> LabelledSet:
    path.write_text("\n".join(json.dumps(line) for line in LINES), "utf-8")
    return read_set(path)


def test_hits_misses_and_false_recalls_are_counted(tmp_path: Path) -> None:
    store = FakeExperiences(E5Embedder())
    found = asyncio.run(measure(store, small(tmp_path / "set.jsonl")))
    assert found == {
        "rewording": [True, False],
        "de": [True],
        "synonyms": [True],
        "unrelated": [False, True],
    }
    lines = report(found)
    assert lines[0].endswith("66.7%  (2 of 3)") and lines[2].endswith("50.0%  (1 of 2)")


def test_the_packaged_set_has_every_kind_and_no_query_that_is_kept() -> None:
    labelled = read_set(SET)
    kept = {text for texts in labelled.kept.values() for text in texts}
    assert len(labelled.kept) >= 30
    assert {"rewording", "synonyms", "structure", "unrelated", "zh", "ja", "ar", "ru"} <= {
        query.kind for query in labelled.queries
    }
    assert not any(query.text in kept for query in labelled.queries)
