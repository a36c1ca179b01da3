"""``gems run``: a file of prompts becomes a folder of pictures, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import gems, line_of
from fake_server import Answer, FakeServer
from gems import settings as settings_module
from gems.errors import InputError
from gems.evals.batch import Batch, Done
from gems.evals.prompt_file import Row, read_rows
from gems.graphs import api
from gems.models.loop import run_blocking

ROW = Row("0001", "a cat", {"rounds": 1, "memory": False}, named=False)


@pytest.fixture
def folder(server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a loop on the fake server."""
    for part in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{part}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{part}_BASE_URL", server.base_url)
        monkeypatch.setenv(f"GEMS_{part}_RETRIES", "0")
    settings_module.load_settings.cache_clear()
    monkeypatch.setattr(api, "_sessions", {})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(out: Path) -> list[dict[str, Any]]:
    with (out / "results.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_file_becomes_pictures_a_table_and_a_sheet_and_nothing_is_drawn_twice(
    folder: Path, server: FakeServer
) -> None:
    (folder / "night.csv").write_text(
        'id,prompt,seed,rounds,note\nfirst,"a cat, asleep",7,1,mine\n,a dog,,,\n'
    )
    result = gems("run", "night.csv", "--out", "out", "--no-memory")
    assert result.exit_code == 0, (result.output, result.exception)
    one, two = table(folder / "out")
    assert (one["id"], one["prompt"], one["rounds"], one["note"]) == (
        "first",
        "a cat, asleep",
        "1",
        "mine",
    )
    assert (two["id"], two["outcome"], two["images"]) == ("0002", "all_passed", "2")
    assert {path.name for path in (folder / "out").iterdir()} >= {"first.png", "0002.png", "sheet.html"}
    assert "a cat, asleep" in (folder / "out" / "sheet.html").read_text()
    calls = len(server.calls)
    (folder / "out").rename(folder / "moved")
    assert gems("run", "night.csv", "--out", "moved", "--no-memory").exit_code == 0
    assert len(server.calls) == calls
    assert gems("run", "night.csv", "--out", "other", "--no-memory").exit_code == 0
    assert len(server.calls) == 2 * calls


def test_a_dead_server_stops_in_one_line_and_the_same_command_goes_on(
    folder: Path, server: FakeServer
) -> None:
    (folder / "night.txt").write_text("a cat\n\na dog\n")
    server.image_script = lambda call, number: Answer("down", status=500)
    command = ("run", "night.txt", "--out", "out", "--rounds", "1", "--no-memory", "--jobs", "1")
    assert "keeps answering 500" in line_of(gems(*command))
    assert table(folder / "out") == []
    server.image_script = None
    planned = sum(call.kind == "decomposer" for call in server.calls)
    assert gems(*command).exit_code == 0
    assert [row["prompt"] for row in table(folder / "out")] == ["a cat", "a dog"]
    assert sum(call.kind == "decomposer" for call in server.calls) == planned + 1


def test_a_prompt_that_is_declined_is_named_and_tried_again(folder: Path, server: FakeServer) -> None:
    (folder / "night.jsonl").write_text('{"prompt": "a cat", "seed": 1}\n"a dog"\n')

    def declined(call: Any, number: int) -> Any:
        return Answer("content_policy_violation", status=400) if "cat" in call.body["prompt"] else None

    server.image_script = declined
    command = ("run", "night.jsonl", "--out", "out", "--rounds", "1", "--no-memory", "--json")
    result = gems(*command)
    assert result.exit_code == 1
    told = json.loads(result.stdout)["results"]
    assert told[0]["outcome"] == "failed to run"
    assert "declines" in told[0]["error"]
    server.image_script = None
    again = gems(*command)
    assert again.exit_code == 0, again.output
    assert "failed to run" not in [one["outcome"] for one in json.loads(again.stdout)["results"]]


@pytest.mark.parametrize(
    "name,text,said",
    [
        ("a.txt", "\n\n", "holds no prompts"),
        ("a.csv", "text\nx\n", "no column `prompt`"),
        ("a.csv", "", "no column `prompt`"),
        ("a.csv", "prompt,seed\n", "holds no prompts"),
        ("a.csv", 'prompt,seed\na,1\n"a cat,1\na dog,2\n', "line 3: a quotation mark is not closed"),
        ("a.csv", f'prompt\n"{"a cat " * 30_000}"\n', "line 2: field larger"),
        ("a.csv", "prompt,Prompt\na,b\n", "the column 'prompt' twice"),
        ("a.csv", "prompt;seed\na cat;1;2\n", "line 2: more cells"),
        ("a.jsonl", '{"prompt": ["a cat"]}\n', "line 1: a run needs a prompt"),
        ("a.jsonl", '{"prompt": 5}\n', "line 1: a run needs a prompt"),
        ("a.jsonl", f'"a cat"\n{"[" * 100_000}\n', "line 2: no JSON"),
        ("a.csv", "prompt,sede\na cat,1\n", "line 2: 'sede' is no option"),
        ("a.csv", "prompt,ask\na cat,true\n", "nobody is there to answer"),
        ("a.csv", "prompt,rounds\na cat,many\n", "line 2: .*rounds"),
        ("a.csv", "prompt\na cat, asleep\n", "more cells than columns"),
        ("a.csv", "id,prompt\nx,a\nX,b\n", "two prompts with the id"),
        ("a.csv", "id,prompt\n../x,a\n", "cannot name a file"),
        ("a.jsonl", "{\n", "line 1: no JSON"),
        ("a.jsonl", "[1]\n", "line 1: neither"),
        ("a.jsonl", '{"seed": 1}\n', "line 1"),
        ("a.doc", "x", "give a .txt"),
    ],
)
def test_mistakes_in_a_file_are_named_before_anything_is_drawn(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        read_rows(tmp_path / name, {})


@pytest.mark.parametrize(
    "name,data",
    [
        ("a.csv", '\ufeffprompt;seed;note\r\n"a cat; big";3;\r\n;;\r\na\u2028dog; ;x\r\n'.encode()),
        ("a.csv", "prompt\tseed\r\na cat; big\t3\r\na\u2028dog\t\r\n".encode("utf-16")),
        ("a.csv", "Prompt, Seed \ra cat; big, 3\r\r,\r a\u2028dog ,\r".encode()),
        ("a.CSV", 'prompt,seed,\n"a cat; big",3,\n"a\u2028dog",,\n'.encode()),
        ("a.jsonl", '{"prompt": "a cat; big", "seed": 3}\r\n\r\n"a\u2028dog"\r\n'.encode()),
    ],
)
def test_tables_are_read_as_people_save_them(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    one, two = read_rows(tmp_path / name, {})
    assert (one.prompt, one.options, one.id) == ("a cat; big", {"seed": 3}, "0001")
    assert (two.prompt, two.options, two.id) == ("a\u2028dog", {}, "0002")


def test_a_prompt_may_have_lines_of_its_own_and_any_end_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'prompt\r\n"a cat\r\nasleep"\r\n')
    assert read_rows(tmp_path / "a.csv", {})[0].prompt == "a cat\nasleep"
    (tmp_path / "a.txt").write_bytes("a cat\ra dog\x0bb\r\n".encode("utf-16"))
    assert [row.prompt for row in read_rows(tmp_path / "a.txt", {})] == ["a cat", "a dog\x0bb"]


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("a cat\na café\n".encode("latin-1"))
    with pytest.raises(InputError, match="line 2: no UTF-8 text: save the file"):
        read_rows(tmp_path / "a.txt", {})


def test_a_line_put_in_between_is_drawn_and_nothing_else(folder: Path, server: FakeServer) -> None:
    (folder / "night.txt").write_text("a cat\na dog\na cat\n")
    command = ("run", "night.txt", "--out", "out", "--rounds", "1", "--no-memory")
    assert gems(*command).exit_code == 0
    before, pictures = table(folder / "out"), pictures_in(folder / "out")
    drawn = len(server.calls)
    (folder / "night.txt").write_text("a bird\na cat\na dog\na cat\n")
    assert gems(*command).exit_code == 0
    after = table(folder / "out")
    assert [(row["id"], row["prompt"]) for row in after] == [
        ("0001", "a bird"), ("0002", "a cat"), ("0003", "a dog"), ("0004", "a cat"),
    ]  # fmt: skip
    assert [row["thread_id"] for row in after[1:]] == [row["thread_id"] for row in before]
    assert pictures_in(folder / "out")[1:] == pictures
    assert len(server.calls) - drawn == drawn / 3
    drawn = len(server.calls)
    assert gems(*command, "--limit", "2").exit_code == 0
    assert len(table(folder / "out")) == 2 and len(server.calls) == drawn


def pictures_in(out: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(out.glob("*.png"))]


def test_a_folder_from_before_is_gone_on_with(folder: Path, server: FakeServer) -> None:
    (folder / "night.txt").write_text("a cat\na dog\n")
    command = ("run", "night.txt", "--out", "out", "--rounds", "1", "--no-memory")
    rows = read_rows(folder / "night.txt", {"rounds": 1, "memory": False})
    (folder / "out").mkdir()
    (folder / "out" / "batch").write_text("0123abcd")
    old = Done(id="0001", prompt="a cat", outcome="all_passed", thread_id=rows[0].thread_in("0123abcd"))
    (folder / "out" / "results.jsonl").write_text(old.model_dump_json() + "\n")
    assert gems(*command).exit_code == 0
    assert table(folder / "out")[0]["thread_id"] == old.thread_id
    assert sum(call.kind == "image" for call in server.calls) == 1


def test_two_processes_share_a_folder(folder: Path, server: FakeServer) -> None:
    rows = [replace(ROW, id=f"{n:04d}", prompt=f"scene {n}") for n in range(6)]
    told: list[list[Done]] = [[], []]

    async def both() -> None:
        batches = [Batch(rows, folder / "out", api.default_session(), 2, who.append) for who in told]
        for found in await asyncio.gather(*(batch.run() for batch in batches)):
            assert [done.id for done in found] == [row.id for row in rows]

    run_blocking(both())
    assert sum(call.kind == "image" for call in server.calls) == 6
    assert [sorted(done.id for done in who) for who in told] == [[row.id for row in rows]] * 2


def test_columns_come_before_options_and_a_changed_row_is_another_run(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("prompt,rounds,memory\na cat,2,false\na dog,,\n")
    cat, dog = read_rows(path, {"rounds": 4})
    assert (cat.options, dog.options) == ({"rounds": 2, "memory": False}, {"rounds": 4})
    assert (cat.id, dog.id) == ("0001", "0002")
    path.write_text("prompt,rounds,memory\na cat,3,false\na dog,,\n")
    changed, same = read_rows(path, {"rounds": 4})
    assert changed.thread_in("x") != cat.thread_in("x")
    assert same.thread_in("x") == dog.thread_in("x") != dog.thread_in("y")
