"""How often a run asks its MLLM, how much it says, and how much of that a server has read before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.graphs.session import Session
from sent_requests import Piece, characters, pieces, tokens

FORMER_CALLS, FORMER_TOKENS = 27, 29_855
"""Of the same run at commit c5e6421, which asked every question in a call of its own:
``python tests/benchmarks/calls.py`` there. Pictures count among the tokens."""
MOST_CALLS = 14
FORMER_CHARACTERS = 33_560
"""Of all texts, at commit 806a460, with the questions before the pictures."""


def requests_of_a_run(home: Path, **options: Any) -> list[tuple[str, dict[str, Any]]]:
    """Seven questions, success in the third round: each request as (role, body)."""
    with FakeServer(questions=7, succeed_in=3) as server:
        with Session(settings_for(server, home)) as session:
            result = session.generate("a cat, a dog and five more things", seed=1, **options)
        assert (result["outcome"], result["best_round"], result["passed"]) == ("all_passed", 3, 7)
        return [(call.kind, call.body) for call in server.calls if call.kind != "image"]


def test_all_questions_about_a_picture_begin_alike(tmp_path: Path) -> None:
    asked = [
        pieces(body) for role, body in requests_of_a_run(tmp_path, verify="each") if role == "verifier"
    ]
    beginnings: dict[tuple[Piece, ...], int] = {}
    for request in asked:
        assert [piece.picture for piece in request] == [False, True, False], "picture, then question"
        beginnings[tuple(request[:-1])] = beginnings.get(tuple(request[:-1]), 0) + 1
    assert list(beginnings.values()) == [7, 7, 7]
    assert len({request[0] for request in asked}) == 1


@pytest.mark.parametrize("options", [{}, {"verify": "votes"}], ids=["default", "votes"])
def test_three_rounds_of_seven_questions_take_few_calls(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    assert len(requests_of_a_run(tmp_path, **options)) <= MOST_CALLS < FORMER_CALLS


def test_a_run_takes_half_of_what_was_read(tmp_path: Path) -> None:
    bodies = [body for _, body in requests_of_a_run(tmp_path)]
    assert sum(map(tokens, bodies)) <= FORMER_TOKENS / 2
    assert sum(map(characters, bodies)) <= FORMER_CHARACTERS / 2


def test_all_looks_at_a_picture_begin_alike(tmp_path: Path) -> None:
    asked = [pieces(body) for role, body in requests_of_a_run(tmp_path) if role.startswith("verifier")]
    assert [[piece.picture for piece in request] for request in asked] == [[False, True, False]] * 6
    assert len({tuple(request[:-1]) for request in asked}) == 3


def test_who_wants_nothing_verified_pays_for_one_picture_alone(tmp_path: Path) -> None:
    with FakeServer() as server, Session(settings_for(server, tmp_path)) as session:
        result = session.generate("a cat", seed=1, verify="never", skill="none", memory=False)
        assert [call.kind for call in server.calls] == ["image"]
    assert (result["outcome"], result["total"]) == ("unverified", 0) and Path(result["image"]).is_file()
