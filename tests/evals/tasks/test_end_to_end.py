"""Every task through the loop, from its official files to its report, by commands alone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import gems
from fake_server import Answer, Call, FakeServer
from gems import settings as settings_module
from made_up_tasks import DATA, N, tokens, user_text

SENT = Path(__file__).parent / "sent_to_the_judge.json"
"""What is sent about the first prompt of each task, its picture left out."""
LETTERS = "\n".join("ABCDABCDAB")
HALF = math.log(0.5)


def by_wise(call: Call, reply: str) -> Answer:
    """Two ids whose replies cannot be read, or are refused; one that is read at the second call."""
    if "tale 1 " in user_text(call):
        return Answer("I would rather not say")
    if "tale 2 " in user_text(call):
        return Answer("flagged", status=400)
    return Answer(reply)


Script = Callable[[Call, int], Answer]
SAYS: dict[str, Script] = {
    "geneval2": lambda call, number: tokens(Yes=HALF, two=HALF, _=HALF),
    "geneval": lambda call, number: Answer("yes"),
    "dpg": lambda call, number: Answer("yes"),
    "oneig-en": lambda call, number: Answer("Yes" if "?" in user_text(call) else "Open Door"),
    "oneig-zh": lambda call, number: Answer("Yes" if "?" in user_text(call) else "Open Door"),
    "wise-legacy": lambda call, number: by_wise(
        call, "Consistency: 2\nRealism: 2\nAesthetic Quality: 2"
    ),
    "wise-verified": lambda call, number: by_wise(call, "Score: 1"),
    "longtext-en": lambda call, number: Answer("open the door"),
    "longtext-zh": lambda call, number: Answer("Open"),
    "spatialgeneval": lambda call, number: Answer("sorry" if number % 3 == 2 else LETTERS),
    "crea": lambda call, number: Answer("[1,2,3,4,5,6]" if number % 2 else "no list"),
}
MEANS = {
    "geneval": 1.0, "dpg": 100.0, "oneig-en": 1.0, "oneig-zh": 1.0, "wise-legacy": 1.0,
    "wise-verified": 1.0, "longtext-en": 1.0, "longtext-zh": 0.5, "spatialgeneval": 1.0, "crea": 21.0,
}  # fmt: skip
"""The headlines of what the scripts say."""


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    server.conversation.distinct = True
    told = {"MLLM": "openai:fake", "GENERATOR": "openai:fake"}
    urls = {"MLLM_BASE_URL": server.base_url, "GENERATOR_BASE_URL": server.base_url}
    for name, value in {**told, **urls, "JUDGE_RETRIES": "0"}.items():
        monkeypatch.setenv(f"GEMS_{name}", value)
    settings_module.load_settings.cache_clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    with FakeServer(SAYS.get(request.param)) as running:
        monkeypatch.setenv("GEMS_JUDGE_BASE_URL", running.base_url)
        yield running


def without_picture(call: Call) -> dict[str, Any]:
    """A request's body as it was sent, its picture but for the form."""
    body: dict[str, Any] = json.loads(json.dumps(call.body))
    for part in body["messages"][-1]["content"]:
        if part["type"] == "image_url":
            part["image_url"]["url"] = part["image_url"]["url"].partition(",")[0]
    return body


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def layout(name: str, data: Path) -> list[str]:
    """The files that the official script of a task is to find for two arms, one picture a prompt."""
    kinds = ("anime", "human", "object", "text")
    numbers = [f"{n:03d}" for n in range(N)]
    wise = [1, 2, 400, 401, 500, 568, 600, 701, 801, 901, 999, 1000]
    each = {
        "geneval": [f"{n:05d}/{f}" for n in range(N) for f in ("metadata.jsonl", "samples/0000.png")],
        "dpg": [f"made{n}.png" for n in range(N)],
        "wise-legacy": [f"{n}.png" for n in wise],
        "wise-verified": [f"{n}.png" for n in wise],
        "longtext-en": [f"{3 * n:04d}_0.png" for n in range(N)],
        "longtext-zh": [f"{3 * n:04d}_0.png" for n in range(N)],
        "spatialgeneval": [f"{n:06d}.png" for n in range(1, N + 1)],
        "crea": ["pictures.json", *(f"pictures/{n}_00.png" for n in numbers)],
        "artimuse": ["pictures.json", *(f"pictures/{n}_00.png" for n in numbers)],
        "geneval2": ["pictures.json", *(f"pictures/{n:05d}.png" for n in range(N))],
    }
    arms = ("base", "gems")
    if name.startswith("oneig"):
        return sorted(f"images/{k}/{arm}/{n:03d}.png" for k in kinds for arm in arms for n in range(3))
    return sorted(f"{arm}/{file}" for arm in arms for file in each[name])


@pytest.mark.slow
@pytest.mark.parametrize("name,judge", [(name, name) for name in DATA], indirect=["judge"])
def test_from_official_files_to_the_report(
    name: str, folder: Path, server: FakeServer, judge: FakeServer
) -> None:
    data = DATA[name](folder / "data")
    command = ["eval", name, "--data", str(data), "--pictures", "1", "--out", "out", "--json"]
    asked = name in SAYS
    told = gems(*command, *(["--judge", "openai:looker"] if asked else []))
    assert told.exit_code == 0, (told.output, told.exception)
    result = json.loads(told.stdout)
    assert [(arm["arm"], arm["pictures"]) for arm in result["arms"]] == [("base", N), ("gems", N)]
    assert files(folder / "out" / "official") == layout(name, data)
    assert {path.name for path in (folder / "out").iterdir()} >= {"report.html", "result.json"}
    # The loop judges for itself, with what it makes of the prompt alone; the base arm with nothing.
    assert sum(call.kind == "decomposer" for call in server.calls) == N
    if name in MEANS:
        means = [arm["headline"]["mean"] for arm in result["arms"]]
        assert means == pytest.approx([MEANS[name]] * 2)
    if asked:
        sent = json.loads(SENT.read_text(encoding="utf-8"))[name]
        bodies = [without_picture(call) for call in judge.calls]
        assert all(body in bodies for body in sent)
        assert {tuple(body) for body in bodies} == {tuple(body) for body in sent}
        before = len(judge.calls), len(server.calls)
        assert gems(*command, "--judge", "openai:looker").exit_code == 0
        assert (len(judge.calls), len(server.calls)) == before
