"""Failures that last: after the first picture the run ends with its best one and says why."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import Answer, Call, FakeServer
from gems import Session
from gems.app.cli import app
from gems.errors import (
    AccessError,
    AnswerError,
    DeclinedError,
    GemsError,
    NotInWorldError,
    RefusedError,
)
from gems.memory.images import ImageStore
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.dependencies import Dependencies
from gems.settings import Settings
from PIL import Image
from typer.testing import CliRunner

FLAGGED = Answer("Your request was flagged by our moderation system", status=400)


def eager(server: FakeServer, home: Path) -> Settings:
    return settings_for(server, home, mllm_retries=0, generator_retries=0, mllm_timeout=20)


@pytest.mark.parametrize("role", ["compressor", "refiner"])
@pytest.mark.parametrize(
    "trouble",
    [
        FLAGGED,
        Answer("content_filter", status=403),
        Answer("this picture cannot be read", status=422),
        Answer("too large", status=413),
        Answer("for legal reasons", status=451),
    ],
)
def test_a_role_that_is_refused_ends_the_run_with_its_best_picture(
    server: FakeServer, tmp_path: Path, role: str, trouble: Answer
) -> None:
    server.script = lambda call, number: trouble if call.kind == role else None
    session = Session(eager(server, tmp_path))
    result = session.generate("a cat", thread_id="mine", seed=3, out=tmp_path / "out")
    assert (result["outcome"], result["best_round"], result["passed"]) == ("failed", 1, 2)
    assert result["reason"].startswith(f"{role}: ") and trouble.content in result["reason"]
    assert result["image"] == str(tmp_path / "out" / "mine.png") and Path(result["image"]).is_file()
    asked = len(server.calls)
    assert session.resume("mine") == result and len(server.calls) == asked
    assert session.report("mine")["reason"] == result["reason"]


@pytest.mark.parametrize("role", ["compressor", "refiner"])
@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_what_the_user_can_mend_stops_the_run_instead(
    server: FakeServer, tmp_path: Path, role: str, status: int
) -> None:
    server.script = lambda call, number: Answer("no", status=status) if call.kind == role else None
    with pytest.raises(AccessError) as caught:
        Session(eager(server, tmp_path)).generate("a cat", seed=3)
    server.script = None
    result = Session(eager(server, tmp_path)).resume(caught.value.thread_id or "")
    assert (result["outcome"], len(server.done("image"))) == ("all_passed", 2)


def after_the_first(server: FakeServer, trouble: Any, until: int = 99) -> None:
    """Requests for pictures fail after the first, up to the one of number ``until``, from 1."""
    asked: list[Call] = []

    def script(call: Call, number: int) -> Any:
        asked.append(call)
        return trouble if 1 < len(asked) <= until else None

    server.image_script = script


def broken_png() -> bytes:
    """A picture whose header is right and whose pixels are not: each checksum is that of its bytes."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + chunk(b"IDAT", b"no pixels") + chunk(b"IEND", b"")


def cut_png() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "PNG")
    return buffer.getvalue()[:900]


@pytest.mark.parametrize(
    "trouble",
    [
        FLAGGED,
        Answer("prohibited content", status=403),
        Answer("", status=400),
        Answer("no picture"),
        Answer(data=b"<html>", status=200),
        Answer(data=cut_png(), media="image/png"),
    ],
)
def test_a_generator_that_is_refused_tries_other_seeds_and_then_ends_the_run(
    server: FakeServer, tmp_path: Path, trouble: Answer
) -> None:
    after_the_first(server, trouble)
    result = Session(eager(server, tmp_path)).generate("a cat", thread_id="mine", seed=3)
    assert (result["outcome"], result["best_round"]) == ("failed", 1)
    assert result["reason"].startswith("generator: ")
    asked = [call.body.get("seed") for call in server.calls if call.kind == "image"]
    # A refusal without a word is first taken for one of the request's form, which then lacks the seed.
    tried = {seed for seed in asked if seed is not None}
    assert asked[0] == 3
    assert len(tried) == 4 or (trouble == Answer("", status=400) and len(tried) > 1)


@pytest.mark.parametrize("until", [2, 3])
def test_a_flagged_picture_gets_another_seed(server: FakeServer, tmp_path: Path, until: int) -> None:
    after_the_first(server, FLAGGED, until)
    result = Session(eager(server, tmp_path)).generate("a cat", seed=3)
    assert (result["outcome"], result["best_round"], result["warnings"]) == ("all_passed", 2, [])
    seeds = [call.body["seed"] for call in server.done("image")]
    assert [item["seed"] for item in result["rounds"]] == seeds


def test_an_account_that_runs_empty_while_drawing_stops_the_run(
    server: FakeServer, tmp_path: Path
) -> None:
    after_the_first(server, Answer("insufficient_quota", status=429))
    with pytest.raises(AccessError) as caught:
        Session(eager(server, tmp_path)).generate("a cat", seed=3)
    assert len([call for call in server.calls if call.kind == "image"]) == 2
    server.image_script = None
    result = Session(eager(server, tmp_path)).resume(caught.value.thread_id or "")
    assert result["outcome"] == "all_passed"


def test_no_first_picture_is_an_error(server: FakeServer, tmp_path: Path) -> None:
    server.image_script = lambda call, number: FLAGGED
    with pytest.raises(RefusedError, match="flagged") as caught:
        Session(eager(server, tmp_path)).generate("a cat", thread_id="mine", seed=3)
    assert caught.value.thread_id == "mine"


def with_fakes(tmp_path: Path, generator: FakeGenerator, **roles: Any) -> Session:
    usual: dict[str, Any] = {
        "planner": {"skill": "none"},
        "decomposer": {"questions": [{"question": "Is there a cat?", "statement": "a cat"}]},
        "verifier": {"verdict": "no", "reason": "not there"},
        "compressor": {"experience": "say it first"},
        "refiner": {"action": "rewrite", "prompt": "a cat"},
    }
    deps = Dependencies(
        Settings(home=tmp_path),
        mllm=FakeMLLM(**{**usual, **roles}),
        generator=generator,
        images=ImageStore(tmp_path / "images"),
    )
    return Session(deps=deps)


def test_one_candidate_that_is_flagged_costs_no_other(tmp_path: Path) -> None:
    refused = DeclinedError("blocked by a content filter")
    # The batch, then the first candidate with each of its seeds.
    generator = FakeGenerator(failures=[refused] * 4)
    session = with_fakes(tmp_path, generator, verifier={"verdict": "yes"})
    result = session.generate("a cat", seed=3, candidates=3, memory=False)
    assert (result["outcome"], result["usage"]["images"]) == ("all_passed", 2)
    assert result["warnings"] == ["generator: no candidate 1: blocked by a content filter"]


@pytest.mark.parametrize(
    "error",
    [RefusedError("out of memory"), AnswerError("NaN"), NotInWorldError("no such thing")],
)
def test_any_generators_lasting_failure_ends_the_run(tmp_path: Path, error: GemsError) -> None:
    generator = FakeGenerator(failures=[None, error, error, error])
    result = with_fakes(tmp_path, generator).generate("a cat", seed=3, memory=False)
    assert (result["outcome"], result["reason"]) == ("failed", f"generator: {error}")


def test_a_picture_without_pixels_is_not_stored(tmp_path: Path) -> None:
    from gems.models.pictures.generator import Draw, OnStep, Picture

    class Broken(FakeGenerator):
        async def draw(self, draws: Any, on_step: OnStep | None = None) -> list[Picture]:
            good = await super().draw(draws, on_step)
            odd: list[Draw] = list(draws)
            return [Picture(broken_png(), odd[0].seed), *good[1:]] if len(odd) > 1 else good

    session = with_fakes(tmp_path, Broken(), verifier={"verdict": "yes"})
    result = session.generate("a cat", seed=3, candidates=2, memory=False)
    assert (result["outcome"], result["usage"]["images"]) == ("all_passed", 2)
    for path in (tmp_path / "images").rglob("*.png"):
        with Image.open(path) as picture:
            picture.load()


def test_the_command_line_names_the_reason(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
    server.script = lambda call, number: FLAGGED if call.kind == "refiner" else None
    arguments = ["generate", "a cat", "--thread", "mine", "--out", str(tmp_path)]
    run = CliRunner().invoke(app, arguments)
    assert (run.exit_code, run.stderr) == (0, "")
    *_, why, _, where = run.stdout.splitlines()
    assert "failed: the run could not go on; this is the best picture (2 of 3, round 1)" in run.stdout
    assert why.startswith("because refiner: ") and "flagged by our moderation system" in why
    assert where == str(tmp_path / "mine.png")
    assert "could not go on: refiner: " in CliRunner().invoke(app, ["show", "mine"]).stdout
    record = json.loads(CliRunner().invoke(app, ["runs", "--json"]).stdout)[0]
    assert record["outcome"] == "failed"
