"""One odd field in a model's answer voids nothing but itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from command_line import GENERATE, gems, only
from fake_server import FakeServer

pytestmark = pytest.mark.usefixtures("on_fake_server")


def questions(*items: object) -> str:
    return json.dumps({"questions": items})


CAT = {"question": "Is there a cat?", "statement": "a cat"}
RED = {"question": "Is it red?", "statement": "a red cat", "depends_on": 1}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (questions({**CAT, "kind": "color"}, RED), 2),
        (questions({**CAT, "depends_on": "none"}, RED), 2),
        (questions({**CAT, "depends_on": "null", "statement": None}, {**RED, "depends_on": "1."}), 2),
        (questions(CAT, {"statement": "no question"}, {**RED, "depends_on": "q1"}), 2),
        (questions("Is there a cat?", 7, None, RED), 2),
        (questions({**CAT, "kind": None, "importance": "high"}, {**RED, "depends_on": [1]}), 2),
        (questions({**CAT, "kind": ["object"], "depends_on": {}}, {**RED, "depends_on": 1e400}), 2),
    ],
)
def test_an_odd_field_of_a_question_voids_nothing_else(
    server: FakeServer, said: str, kept: int
) -> None:
    server.script = only("decomposer", said)
    result = gems(*GENERATE)
    assert result.exit_code == 0 and f"{kept} requirements to check" in result.stdout, result.output
    assert sum(call.kind == "decomposer" for call in server.calls) == 1


@pytest.mark.parametrize(
    "verdicts",
    [
        [
            {"number": "1.", "verdict": "yes"},
            {"number": "q2", "verdict": "Yes."},
            {"number": 3.0, "verdict": True},
        ],
        [{"number": n, "verdict": "yes", "reason": odd} for n, odd in ((1, None), (2, ["a"]), (3, 4))],
        [{"number": n, "verdict": "yes"} for n in (1, 2, 3)] + [{"number": "all", "verdict": "yes"}],
        [{"number": n, "verdict": "yes"} for n in (1, 2, 3)] + [{"verdict": "no"}, "yes", None],
        {"1": "yes", "2": {"verdict": "yes"}, "3": "Yes"},
    ],
)
def test_an_odd_verdict_drops_itself_alone(server: FakeServer, verdicts: object) -> None:
    server.script = only("verifier_all", json.dumps({"verdicts": verdicts}))
    result = gems(*GENERATE, "--verify", "together")
    assert result.exit_code == 0 and "3 of 3 pass" in result.stdout, result.output


@pytest.mark.parametrize(
    "odd",
    [
        {"action": "Rewrite."},
        {"reasoning": None, "strategy": None},
        {"covers": "all of them"},
        {"covers": [{"number": "first", "quote": "x"}, {"number": "1.", "quote": None}, 3]},
        {"strategy": ["digits", "names"], "reasoning": {"why": "because"}},
    ],
)
def test_an_odd_field_of_the_refiner_costs_nothing(server: FakeServer, odd: dict[str, Any]) -> None:
    good = {"action": "rewrite", "prompt": "a cat (round 2)", "strategy": "s", "reasoning": "r"}
    server.script = only("refiner", json.dumps({**good, **odd}))
    result = gems(*GENERATE)
    assert "warning" not in result.stdout and "Round 2: a cat (round 2)" in result.stdout
