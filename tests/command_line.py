"""The command line on a fake server: what the tests of everyday failures share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fake_server import Answer, Call, FakeServer
from gems.app.cli import app
from typer.testing import CliRunner, Result

GENERATE = ("generate", "a cat", "--seed", "7", "--no-memory", "--thread", "run")


def gems(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def line_of(result: Result, code: int = 1) -> str:
    """The one line of a command that failed, without the program's name."""
    assert result.exit_code == code, (result.output, result.exception)
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("gems: ")
    return line.removeprefix("gems: ").removesuffix(" | then: gems resume run")


def pictures(server: FakeServer) -> int:
    return sum(call.kind == "image" for call in server.calls)


def only(role: str, said: Any) -> Callable[[Call, int], Any]:
    """A script that says ``said`` to one role and what is sensible to the others."""
    return lambda call, number: said if call.kind == role else None


def raw(body: object, status: int = 200, **headers: str) -> Answer:
    """An answer with ``body``, JSON or bytes, as it is."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(data=data, status=status, media="application/json", headers=headers)


def completion(message: object, **choice: object) -> Answer:
    return raw({"choices": [{"index": 0, "finish_reason": "stop", "message": message, **choice}]})
