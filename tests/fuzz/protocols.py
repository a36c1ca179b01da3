"""Fuzzes the protocols that models are spoken to with, over real connections.

``python tests/fuzz/protocols.py --answers 10000 [--seed 0]`` sends that many answers to the chat,
Images API and gems-http clients, a share of them within whole runs of ``gems generate``, and fails at
a traceback, a hang, a lost picture or a secret. Waits that a server asks for are checked and not
waited for.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from answers import SECRET, dumped, wires
from fake_conversation import Conversation, read_request
from gems.app.cli import app
from gems.errors import BackendError
from gems.models import retry
from gems.models.chat.langchain import LangChainMLLM
from gems.models.chat.mllm import Role
from gems.models.pictures.generator import Draw, Generator
from gems.models.registry import open_generator, open_mllm
from gems.nodes.decomposer import DECOMPOSER
from gems.nodes.planner import PLANNER
from gems.settings import Settings
from typer.testing import CliRunner
from wire import Request, Wire, WireServer

LIMIT = 30.0
"""Seconds within which every call has to end; a request may take ``TIMEOUT``."""
TIMEOUT = 4.0
MOST_RESUMES = 3
TALK = Conversation(succeed_in=2, questions=3, size=32)
PNG = TALK.picture("a cat")
FIELDS = {"prompt": "a cat", "skills": [], "experiences": [], "track_record": []}
waited: list[float] = []
found: Counter[str] = Counter()


async def wait_a_while(seconds: float, why: str) -> None:
    """Stands in for real waits."""
    waited.append(seconds)


def completion(content: str, **message: Any) -> dict[str, Any]:
    """A chat completion."""
    said = {"role": "assistant", "content": content, **message}
    usage = {"prompt_tokens": 9, "completion_tokens": 9}
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": said}], "usage": usage}


def completions(answer: str) -> list[Any]:
    """The places where servers put an answer."""
    call = {"type": "function", "function": {"name": "f", "arguments": answer}}
    return [
        completion(answer),
        completion("", reasoning_content=answer),
        completion("", tool_calls=[call]),
        completion([{"type": "text", "text": answer}]),  # type: ignore[arg-type]
        completion(f"<think>so</think>```json\n{answer}\n```"),
        completion("", refusal="I will not"),
    ]


def pictures() -> list[Any]:
    """The forms in which servers send a picture."""
    b64 = base64.b64encode(PNG).decode()
    return [
        {"created": 0, "data": [{"b64_json": b64}]},
        {"data": [{"url": f"data:image/png;base64,{b64}"}]},
        {"data": [{"url": "/picture.png"}]},
        {"data": [{"url": "https://["}]},
        {"images": [b64.rstrip("=")]},
        {"data": [{"b64_json": b64[: len(b64) // 2]}]},
    ]


def check_error(exc: BaseException) -> None:
    """An error is one of ours, in one line, without a secret, even as a traceback."""
    if not isinstance(exc, BackendError):
        raise AssertionError(f"not an error of ours: {exc!r}") from exc
    said = str(exc)
    assert said and "\n" not in said and said.isprintable() and len(said) < 1500, said
    assert SECRET not in "".join(traceback.format_exception(exc)), "the key is in the traceback"
    found[type(exc).__name__] += 1


def attempt(call: Callable[[], Any]) -> Any:
    """What an asynchronous call returns, or None where it fails as it may."""
    waited.clear()
    start = time.monotonic()
    try:
        result = asyncio.run(asyncio.wait_for(call(), LIMIT))
    except TimeoutError:
        raise AssertionError("it hangs") from None
    except Exception as exc:
        check_error(exc)
        result = None
    assert sum(waited) <= retry.LONGEST_PATIENCE + 31, waited
    assert time.monotonic() - start < LIMIT
    return result


SLOW_ONES = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]


def fuzz(strategy: st.SearchStrategy[Any], check: Callable[[Any], None], count: int, seed: int) -> None:
    """Runs ``check`` on so many answers; the smallest that fails is shown."""
    quiet = settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=SLOW_ONES,
    )
    hypothesis.seed(seed)(quiet(given(strategy)(check)))()


def fuzz_chat(server: WireServer, model: LangChainMLLM, role: Role[Any], count: int, seed: int) -> None:
    """Asks one role."""
    dialect, answer = model.dialect.copy(), json.dumps(TALK.answer(role.name, "", ""))
    good = dumped(completion(answer))
    fields = {name: FIELDS[name] for name in role.fields}

    def check(wire: Wire) -> None:
        model.dialect = dialect.copy()
        server.respond = lambda request: wire
        reply = attempt(lambda: model.ask(role, fields))
        if wire == Wire(good, framing=wire.framing) and wire.whole:
            assert reply is not None, "a good answer is lost"
        found["answers"] += 1
        found["read"] += reply is not None

    fuzz(wires(good, completions(answer)), check, count, seed)


def fuzz_pictures(
    server: WireServer, generator: Generator, values: list[Any], count: int, seed: int
) -> None:
    """Draws over one protocol; without ``values`` the picture itself is the answer."""
    good = dumped(values[0]) if values else PNG

    def check(wire: Wire) -> None:
        getattr(generator, "_refused", set()).clear()
        picture = Wire(PNG, headers=((b"content-type", b"image/png"),))
        server.respond = lambda request: picture if request.path == "/picture.png" else wire
        drawn = attempt(lambda: generator.draw([Draw("a cat", 1)]))
        if wire == Wire(good, framing=wire.framing) and wire.whole:
            assert drawn is not None and drawn[0].data == PNG, "a good picture is lost"
        found["answers"] += 1
        found["drawn"] += drawn is not None

    fuzz(
        wires(good, values or [{"data": [{"b64_json": base64.b64encode(PNG).decode()}]}]),
        check,
        count,
        seed,
    )


def sensible(request: Request) -> Wire:
    """What a server that is well answers."""
    if request.path.endswith("/chat/completions"):
        said = json.dumps(TALK.answer(*read_request(json.loads(request.body))))
        return Wire(dumped(completion(said)))
    if request.path.endswith("/images/generations"):
        data = TALK.picture(json.loads(request.body)["prompt"])
        return Wire(dumped({"data": [{"b64_json": base64.b64encode(data).decode()}]}))
    return Wire(PNG)


def gems(*arguments: str) -> tuple[int, str]:
    """Exit code and output of a command; an exception of any kind is a failure."""
    result = CliRunner().invoke(app, list(arguments))
    output = result.stdout + result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in output and SECRET not in output, output
    return result.exit_code, output


def fuzz_runs(server: WireServer, count: int, seed: int, home: Path) -> None:
    """Whole runs in which the answers from some call on are fuzzed, for a while or for good."""
    runs = st.tuples(
        wires(dumped(completion("{}")), [*completions('{"verdict": "yes"}'), *pictures()]),
        st.integers(0, 14),
        st.sampled_from([1, 3, 100]),
    )
    number = 0

    def check(drawn: Any) -> None:
        nonlocal number
        number += 1
        wire, first, length = drawn
        calls = 0

        def respond(request: Request) -> Wire:
            nonlocal calls
            calls += 1
            return wire if first < calls <= first + length else sensible(request)

        server.respond, thread = respond, f"fuzz-{number}"
        code, output = gems(
            "generate", "a cat", "--thread", thread, "--no-memory", "--json", "--seed", "1"
        )
        assert code in (0, 1), output
        server.respond = sensible
        # A body where none belongs leaves its bytes for the next requests of a connection.
        for _ in range(MOST_RESUMES):
            if code == 0:
                break
            found["resumed"] += 1
            assert output.count("\n") <= 2, output
            code, output = gems("resume", thread, "--json")
        assert code == 0, output
        result = json.loads(output[output.index("{") :])
        assert Path(result["image"]).is_file(), "the picture is lost"
        found["answers"] += 1
        found[result["outcome"]] += 1

    fuzz(runs, check, count, seed)
    for path in home.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), f"the key is in {path}"


def environment(url: str, home: Path) -> dict[str, str]:
    """The settings of all clients."""
    return {
        "GEMS_HOME": str(home),
        "GEMS_MLLM": "openai:fake",
        "GEMS_GENERATOR": "openai:fake",
        "GEMS_MLLM_BASE_URL": f"{url}/v1",
        "GEMS_GENERATOR_BASE_URL": f"{url}/v1",
        "GEMS_MLLM_API_KEY": SECRET,
        "GEMS_GENERATOR_API_KEY": SECRET,
        "GEMS_MLLM_TIMEOUT": str(TIMEOUT),
        "GEMS_GENERATOR_TIMEOUT": str(TIMEOUT),
        "GEMS_MLLM_RETRIES": "1",
        "GEMS_GENERATOR_RETRIES": "1",
    }


def main(answers: int, seed: int) -> None:
    """A half to chats, a quarter each to the protocols of pictures; a fiftieth in whole runs."""
    setattr(retry, "wait_a_while", wait_a_while)  # noqa: B010
    with WireServer() as server, tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(server.url, Path(folder)))
        for name, part in parts(server, Path(folder), answers, seed).items():
            start, before = time.monotonic(), server.requests
            found.clear()
            part()
            asked, seconds = server.requests - before, time.monotonic() - start
            print(f"{name}: {dict(found)}, {asked} requests, {seconds:.0f} s", flush=True)


def parts(server: WireServer, home: Path, answers: int, seed: int) -> dict[str, Callable[[], None]]:
    """What is fuzzed, by name."""
    settings = Settings()
    mllm = open_mllm("openai:fake", settings)
    assert isinstance(mllm, LangChainMLLM)
    images = open_generator("openai:fake", settings)
    http = open_generator(f"gems-http:{server.url}/draw", settings)
    quarter, runs = answers // 4, answers // 50
    return {
        "planner": lambda: fuzz_chat(server, mllm, PLANNER, quarter - runs, seed),
        "decomposer": lambda: fuzz_chat(server, mllm, DECOMPOSER, quarter, seed),
        "images": lambda: fuzz_pictures(server, images, pictures(), quarter, seed),
        "gems-http": lambda: fuzz_pictures(server, http, [], quarter, seed),
        "runs": lambda: fuzz_runs(server, runs, seed, home),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    main(options.answers, options.seed)
