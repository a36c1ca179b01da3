"""What is printed where nobody reads, in old encodings, and of the odd characters that models write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_conversation import read_request
from fake_server import Call, FakeServer
from gems import Session, generate
from gems.app.cli import app
from gems.events import Event
from gems.memory.runs import RunIndex, RunRecord
from gems.models.text import clean, clean_text
from gems.settings import Settings
from typer.testing import CliRunner

pytestmark = pytest.mark.slow

GEMS = f"{sys.executable} -m gems.app.cli"


@pytest.fixture
def shop(server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServer]:
    """The server that the environment names, also for processes of their own."""
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
    yield server


def shell(command: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a command of bash, which ends within a minute; of a pipe, the first failure counts."""
    env = {**os.environ, **variables}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=env, capture_output=True, timeout=60
    )


def outcome(thread: str = "mine") -> str | None:
    return RunIndex(Path(os.environ["GEMS_HOME"]) / "runs").read(thread).outcome


DRAW = f"{GEMS} generate 'a cat' --thread mine --seed 3"


@pytest.mark.parametrize(
    "reader",
    [
        f"{DRAW} | head -1",
        f"{DRAW} | true",
        f"{DRAW} >&-",
        f"{DRAW} --json | true",
        f"{DRAW} --json >&-",
        f"{DRAW} 2>&1 | head -c 1",
        f"{DRAW} >&- 2>&-",
        f"{DRAW} | (read line; exec <&-; sleep 1)",
    ],
)
def test_a_run_that_nobody_watches_ends_as_it_would(shop: FakeServer, reader: str) -> None:
    done = shell(reader)
    assert (done.returncode, done.stderr) == (0, b"")
    assert outcome() == "all_passed"


def test_a_full_disk_behind_the_output_is_one_line_and_the_run_is_whole(shop: FakeServer) -> None:
    for thread, more in (("one", ""), ("two", "--json")):
        done = shell(f"{GEMS} generate 'a cat' --thread {thread} {more} > /dev/full")
        assert done.returncode == 1
        assert done.stderr == b"gems: cannot write the output: No space left on device\n"
        assert outcome(thread) == "all_passed"


@pytest.mark.parametrize("command", ["runs", "runs --json", "show mine", "show mine --json", "doctor"])
@pytest.mark.parametrize("reader", ["| true", ">&-", "| head -1"])
def test_lists_that_nobody_reads_to_the_end_are_no_error(
    shop: FakeServer, server_settings: Settings, command: str, reader: str
) -> None:
    Session(server_settings).generate("a cat", thread_id="mine", seed=3)
    done = shell(f"{GEMS} {command} {reader}")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("reader", ["| true", ">&-", "--json | true", "| head -1"])
def test_a_benchmark_that_nobody_watches_ends_as_it_would(tmp_path: Path, reader: str) -> None:
    out = tmp_path / "out"
    done = shell(f"{GEMS} eval shapes --small --limit 1 --arms base --out {out} {reader}")
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    assert (out / "records.jsonl").read_text().count("\n") == 1 and list(out.glob("report*"))


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), BrokenPipeError(), ValueError()]
)
def test_a_callback_that_leaves_ends_its_watching_alone(shop: FakeServer, error: BaseException) -> None:
    heard: list[str] = []

    def on_event(event: Event) -> None:
        heard.append(event["event"])
        raise error

    assert generate("a cat", seed=3, on_event=on_event)["outcome"] == "all_passed"
    assert heard == ["started"]
    assert generate("a cat", seed=3)["outcome"] == "all_passed"


ODD = "caf\u00e9 \u732b \u2713 \U0001f600"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "ascii:strict", "utf-8"])
def test_every_encoding_is_printed_in(shop: FakeServer, encoding: str) -> None:
    drawn = shell(f"{GEMS} generate '{ODD}' --thread mine", PYTHONIOENCODING=encoding)
    assert (drawn.returncode, drawn.stderr) == (0, b"")
    assert b"all_passed" in drawn.stdout
    for command in ("runs", "show mine", "runs --json", "skills list", "doctor"):
        done = shell(f"{GEMS} {command}", PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, b""), command
    shown = shell(f"{GEMS} runs", PYTHONIOENCODING=encoding).stdout.decode(encoding.partition(":")[0])
    assert "caf" in shown and ("\u732b" in shown) == (encoding == "utf-8")


def test_the_c_locale_prints_too(shop: FakeServer) -> None:
    done = shell(f"{GEMS} generate '{ODD}'", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stderr) == (0, b"")


DIRTY = {
    "a lone surrogate": ("wow \ud83d", "wow \ufffd"),
    "a pair that came apart": ("wow \ud83d\ude00", "wow \U0001f600"),
    "colours": ("\x1b[31mred\x1b[0m", "red"),
    "a cleared screen": ("\x1b[2J\x1b[Hgone", "gone"),
    "a title": ("\x1b]0;owned\x07text", "text"),
    "a link": ("\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\", "here"),
    "one-character controls": ("a\x9b31mb\x85c", "abc"),
    "bells and zeros": ("a\x07b\x00c\x08", "abc"),
    "an escape alone": ("a\x1b", "a"),
    "an unfinished one": ("a\x1b]0;b", "a0;b"),
}


@pytest.mark.parametrize("what", DIRTY)
def test_text_is_cleaned(what: str) -> None:
    dirty, cleaned = DIRTY[what]
    assert clean_text(dirty) == cleaned
    assert clean({dirty: [dirty, 1, None]}) == {cleaned: [cleaned, 1, None]}


def test_what_is_clean_stays_as_it_is() -> None:
    for text in ("", ODD, "a\tb\r\nc", "\u202bשלום\u202c", "e\u0301", "\ufeff"):
        assert clean_text(text) == text


@pytest.mark.parametrize("what", DIRTY)
def test_odd_words_of_a_model_harm_nothing(shop: FakeServer, what: str) -> None:
    dirty, cleaned = DIRTY[what]

    def odd(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: odd(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [odd(item, key) for item in value]
        kept = ("verdict", "skill", "kind", "action", "quote", "question")
        return f"{value} {dirty}" if isinstance(value, str) and key not in kept else value

    def script(call: Call, number: int) -> str:
        return json.dumps(odd(shop.conversation.answer(*read_request(call.body))))

    shop.script = script
    run = CliRunner().invoke(app, ["generate", "a cat", "--thread", "mine"])
    assert run.exit_code == 0 and "all_passed" in run.stdout
    assert cleaned.replace(" ", "") in run.stdout.replace(" ", "")
    for arguments in (["show", "mine"], ["show", "mine", "--json"], ["runs"]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0
        assert not set("\x1b\x07\x00\x9b") & set(result.stdout)


def test_a_servers_words_steer_no_terminal(shop: FakeServer) -> None:
    from fake_server import Answer

    shop.script = lambda call, number: Answer("\x1b[2J\x1b[31mno\x07", status=401)
    result = CliRunner().invoke(app, ["generate", "a cat"])
    assert result.exit_code == 1 and "\x1b" not in result.stderr and "no" in result.stderr


OLD = RunRecord(thread_id="old", prompt="a cat", context={}, created=1.0, version="0.1.0")


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "half \ud83d"},
        {"prompt": "\x1b[2Jgone"},
        {"prompt": "two\nlines\r\n"},
        {"prompt": ODD},
        {"created": 1e300},
        {"created": -1e18},
        {"outcome": "\x1b[31mred"},
        {"version": None, "prompt": None},
        {"context": "none"},
    ],
)
def test_one_odd_old_entry_does_not_break_the_list(change: dict[str, Any]) -> None:
    folder = Path(os.environ["GEMS_HOME"]) / "runs"
    RunIndex(folder).write(OLD.model_copy(update={"thread_id": "fine", "prompt": "a dog"}))
    (folder / "old.json").write_text(json.dumps({**OLD.model_dump(), **change}))
    for encoding in ("ascii", "utf-8"):
        done = shell(f"{GEMS} runs", PYTHONIOENCODING=encoding)
        lines = done.stdout.decode().splitlines()
        assert done.returncode == 0 and any("a dog" in line for line in lines)
        said = f"gems: the entry {folder / 'old.json'} cannot be read; it is left out\n"
        assert (len(lines), done.stderr.decode()) in {(3, ""), (2, said)}
        assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("where", ["--out", "GEMS_HOME"])
def test_a_folder_whose_name_is_no_text_is_one_line(
    shop: FakeServer, tmp_path: Path, where: str
) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    command = [*GEMS.split(), "generate", "a cat"]
    env: dict[Any, Any] = {os.fsencode(k): os.fsencode(v) for k, v in os.environ.items()}
    if where == "--out":
        command.append("--out")
        arguments: list[bytes] = [*map(os.fsencode, command), folder]
    else:
        env[b"GEMS_HOME"] = folder
        arguments = list(map(os.fsencode, command))
    done = subprocess.run(arguments, env=env, capture_output=True, timeout=60)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1
    assert where.encode() in done.stderr and b"UTF-8" in done.stderr
    assert not shop.calls
