"""What a run asks of its MLLM: calls, characters, pictures, and what a prefix cache saves of them.

``python tests/benchmarks/calls.py [--questions 7] [--succeed-in 3] [--verify MODE]``

One run against ``tests/fake_server.py``, which counts. Tokens are estimates: four characters a token,
750 tokens a picture. ``cached`` is what a server that keeps what it has read would not read again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from fake_server import FakeServer
from gems.graphs.session import Session
from gems.settings import Settings
from sent_requests import cached_tokens, characters, pieces, tokens

ROW = "{:<14}{:>7}{:>12}{:>10}{:>10}{:>10}"


def requests_of_a_run(
    questions: int, succeed_in: int, options: dict[str, Any]
) -> tuple[list[tuple[str, dict[str, Any]]], str]:
    """Every chat request of a run as (role, body), in order, and how the run ended."""
    with tempfile.TemporaryDirectory() as home:
        with FakeServer(questions=questions, succeed_in=succeed_in) as server:
            settings = Settings(
                home=Path(home),
                mllm="openai:fake",
                mllm_base_url=server.base_url,
                generator="openai:fake",
                generator_base_url=server.base_url,
            )
            with Session(settings) as session:
                result = session.generate("a cat, a dog and five more things", seed=1, **options)
            calls = [(c.kind, c.body) for c in server.calls if c.kind != "image"]
        return calls, f"{result['outcome']} in round {result['best_round']}"


def row_of(name: str, bodies: Sequence[dict[str, Any]], cached: Sequence[float]) -> str:
    """A line of the table."""
    pictures = sum(piece.picture for body in bodies for piece in pieces(body))
    whole = sum(map(tokens, bodies))
    text = sum(map(characters, bodies))
    share = f"{100 * sum(cached) / whole:.0f}%" if whole else "-"
    return ROW.format(name, len(bodies), text, pictures, f"{whole:.0f}", share)


def main() -> None:
    """Runs once and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=7)
    parser.add_argument("--succeed-in", type=int, default=3)
    parser.add_argument("--verify", help="how the verifier asks; the default of a run")
    given = parser.parse_args()
    options = {"verify": given.verify} if given.verify else {}
    calls, end = requests_of_a_run(given.questions, given.succeed_in, options)
    cached = list(cached_tokens([body for _, body in calls]))
    print(f"{given.questions} questions, {end}")
    print(ROW.format("role", "calls", "characters", "pictures", "tokens", "cached"))
    for role in dict.fromkeys(role for role, _ in calls):
        mine = [n for n, (name, _) in enumerate(calls) if name == role]
        print(row_of(role, [calls[n][1] for n in mine], [cached[n] for n in mine]))
    print(row_of("in all", [body for _, body in calls], cached))


if __name__ == "__main__":
    main()
