"""``gems eval TASK`` as users meet it: all steps, each by itself, stopped and gone on with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import gems, line_of
from fake_server import Answer, FakeServer
from gems import settings as settings_module
from made_up_tasks import DATA, user_text


@pytest.fixture
def judge() -> Iterator[FakeServer]:
    with FakeServer(
        lambda call, number: Answer("Score: 1" if "tale 2 " in user_text(call) else "Score: 0")
    ) as running:
        yield running


@pytest.fixture
def folder(
    server: FakeServer, judge: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty folder, with a loop on one server and a judge on another."""
    told = {
        "MLLM": "openai:fake",
        "MLLM_BASE_URL": server.base_url,
        "GENERATOR": "openai:fake",
        "GENERATOR_BASE_URL": server.base_url,
        "JUDGE_BASE_URL": judge.base_url,
        "JUDGE_API_KEY": "the-judges-own-key",
        "JUDGE_RETRIES": "0",
    }
    for name, value in told.items():
        monkeypatch.setenv(f"GEMS_{name}", value)
    settings_module.load_settings.cache_clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def evaluate(folder: Path, *more: str) -> dict[str, Any]:
    data = str(DATA["wise-verified"](folder / "data"))
    command = ("eval", "wise-verified", "--data", data, "--limit", "3", "--out", "out", "--json")
    result = gems(*command, "--judge", "openai:looker", *more)
    assert result.exit_code == 0, (result.output, result.exception)
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_all_steps_in_one_command_and_none_twice(
    folder: Path, server: FakeServer, judge: FakeServer
) -> None:
    told = evaluate(folder)
    assert [arm["arm"] for arm in told["arms"]] == ["base", "gems"]
    assert [arm["prompts"] for arm in told["arms"]] == [3, 3]
    assert told["title"] == "WISE_Verified, questions to looker (not comparable)"
    base, full = told["arms"]
    assert (base["cost"]["images"], full["cost"]["images"]) == (1, 2)
    assert base["headline"]["mean"] == pytest.approx(1 / 3)
    before = len(server.calls), len(judge.calls)
    assert evaluate(folder) == told
    assert (len(server.calls), len(judge.calls)) == before
    page = (folder / "out" / "report.html").read_text()
    ladder = (folder / "out" / "ladder.svg").read_text()
    assert ladder.strip() in page and ">0.33</text>" in ladder and ">1.0</text>" in ladder
    assert "Not comparable with published figures" in page
    assert sorted(path.name for path in (folder / "out" / "official" / "gems").iterdir()) == [
        "1.png",
        "2.png",
        "400.png",
    ]


def test_a_worker_draws_and_judges_and_leaves_the_report_to_another(
    folder: Path, server: FakeServer, judge: FakeServer
) -> None:
    data = str(DATA["wise-verified"](folder / "data"))
    command = ("eval", "wise-verified", "--data", data, "--limit", "2", "--out", "out", "--jobs", "1")
    told = gems(*command, "--judge", "openai:looker", "--worker")
    assert told.exit_code == 0 and "gems eval score" in told.stdout, told.output
    left = {path.name for path in (folder / "out").iterdir()}
    assert not left & {"official", "result.json", "report.html"}
    before = len(server.calls), len(judge.calls)
    assert gems(*command, "--judge", "openai:looker").exit_code == 0
    assert (len(server.calls), len(judge.calls)) == before
    assert {path.name for path in (folder / "out").iterdir()} - left == {
        "official", "result.json", "report.html", "ladder.svg",
    }  # fmt: skip


def test_the_loop_sees_no_question_and_the_judge_no_verdict(
    folder: Path, server: FakeServer, judge: FakeServer
) -> None:
    evaluate(folder)
    loop = json.dumps([call.body for call in server.calls])
    assert "the door of tale 1" in loop
    assert "has a red door" not in loop
    asked = [call.body for call in judge.calls]
    assert all(
        set(body) == {"model", "messages", "temperature", "max_tokens", "chat_template_kwargs"}
        for body in asked
    )
    words = " ".join(user_text(call) for call in judge.calls)
    verdicts = [call for call in server.calls if call.kind.startswith("verifier")]
    assert verdicts
    assert "Question" not in words
    assert {head.get("authorization") for head in judge.heads} == {"Bearer the-judges-own-key"}
    assert "the-judges-own-key" not in {head.get("authorization") for head in server.heads}


def test_every_step_by_itself(folder: Path, judge: FakeServer) -> None:
    data = str(DATA["wise-verified"](folder / "data"))
    drawn = gems(
        "eval",
        "generate",
        "wise-verified",
        "--data",
        data,
        "--limit",
        "2",
        "--arms",
        "base",
        "--out",
        "out",
    )
    assert drawn.exit_code == 0, drawn.output
    assert judge.calls == []
    assert "not judged" in gems("eval", "score", "out").stdout
    assert gems("eval", "judge", "out", "--judge", "openai:looker").exit_code == 0
    assert len(judge.calls) == 2
    scored = gems("eval", "score", "out", "--json")
    assert json.loads(scored.stdout)["arms"][0]["headline"]["mean"] == 0.5
    assert gems("eval", "report", "out").stdout.strip().endswith("report.html")
    compared = gems("eval", "compare", "out", "out")
    assert "no gain shown" in compared.stdout, compared.output


def test_two_runs_are_compared_in_figures_prompts_cost_and_models(
    folder: Path, judge: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(folder)
    judge.script = lambda call, number: Answer("Score: 1")
    monkeypatch.setenv("GEMS_GENERATOR_GUIDANCE", "1.5")
    settings_module.load_settings.cache_clear()
    evaluate(folder, "--out", "other", "--seed", "1")
    told = json.loads(gems("eval", "compare", "out", "other", "--json").stdout)
    assert told["notes"] == [
        "The seeds differ, so the differences are of prompts and of luck.",
        "generator_guidance: None against 1.5",
    ]
    tables = {table["head"][0]: table["rows"] for table in told["tables"]}
    first = told["tables"][0]
    assert first["head"][1:4] == ["first", "second", "first - second"] and len(first["rows"]) == 2
    assert tables["prompts"] == [["base", "0", "2", "1"], ["gems", "0", "2", "1"]]
    assert tables["base: by category"][0] == ["CULTURE", "0.33", "1.00"]
    assert ["gems: drawn a picture", "2.00", "2.00"] in tables["cost"]


def test_official_words_by_the_official_judge_lack_only_the_rest_of_the_prompts(folder: Path) -> None:
    (folder / "words.toml").write_text('system = "S"\nuser = "{prompt} {explanation} Score?"\n')
    told = evaluate(folder, "--wording", "words.toml", "--judge", "openai:Qwen/Qwen3.5-35B-A3B")
    assert [caveat.partition(" ")[0] for caveat in told["caveats"]] == ["3"]
    assert json.loads(gems("eval", "score", "out", "--json").stdout)["caveats"] == told["caveats"]


def test_judge_and_verifier_of_one_model_are_warned_of(folder: Path) -> None:
    assert "one model" in evaluate(folder, "--judge", "openai:fake")["warnings"][0]


def test_by_round_draws_the_curve(folder: Path) -> None:
    told = evaluate(folder, "--by-round", "--arms", "gems")
    assert len(told["arms"][0]["by_round"]) == 2
    assert "round 2</text>" in (folder / "out" / "report.html").read_text()


def test_an_official_file_is_read_back_for_its_arm(folder: Path) -> None:
    evaluate(folder)
    (folder / "scores.jsonl").write_text('{"prompt_id": 1, "score": 1}\n{"prompt_id": 2, "score": 0}\n')
    assert "whose figures" in line_of(gems("eval", "score", "out", "--official", "scores.jsonl"), 2)
    wrong = gems("eval", "score", "out", "--official", "scores.jsonl", "--arm", "gem")
    assert "no arm 'gem' is drawn in out: one of base, gems" in line_of(wrong, 2)
    told = gems("eval", "score", "out", "--official", "scores.jsonl", "--arm", "gems", "--json")
    assert json.loads(told.stdout)["official"]["gems"]["by category"]["CULTURE"] == 0.5


@pytest.mark.parametrize(
    "text,said", [("{}", "judged by nobody"), ("[]", "judge again"), ("{", "no JSON")]
)
def test_a_damaged_note_of_who_judged_is_no_traceback(folder: Path, text: str, said: str) -> None:
    evaluate(folder)
    (folder / "out" / "judge.json").write_text(text)
    assert said in gems("eval", "score", "out").output


def test_the_published_table_has_our_figures_marked_where_they_are_not_comparable(folder: Path) -> None:
    data = str(DATA["wise-legacy"](folder / "data"))
    command = (
        "eval",
        "wise-legacy",
        "--data",
        data,
        "--limit",
        "2",
        "--arms",
        "base",
        "--out",
        "legacy",
    )
    assert gems(*command, "--judge", "openai:looker").exit_code == 0
    lines = [line for line in gems("eval", "table", "legacy", "legacy").stdout.splitlines() if line]
    rows = {line[:24].strip(): line.split()[-1] for line in lines}
    assert lines[0].split() == ["WISE", "WISE"]
    assert rows["Z-Image-Turbo + GEMS"] == "0.81"
    assert rows["here: base"] == "-"
    assert (
        gems(
            "eval",
            "wise-verified",
            "--data",
            data,
            "--out",
            "v",
            "--limit",
            "2",
            "--arms",
            "base",
            "--judge",
            "openai:looker",
        ).exit_code
        == 0
    )
    assert "0.50" in gems("eval", "table", "v").stdout
    assert "* wise-verified: not comparable" in gems("eval", "table", "v").stdout


def test_a_cap_stops_and_a_higher_one_goes_on(folder: Path, server: FakeServer) -> None:
    data = str(DATA["wise-verified"](folder / "data"))
    command = ("eval", "generate", "wise-verified", "--data", data, "--arms", "base", "--out", "out")
    assert gems(*command, "--limit", "1").exit_code == 0
    (folder / "out" / "task.json").unlink()
    (folder / "out" / "plan.json").unlink()
    assert "the cap is 1" in line_of(gems(*command, "--limit", "2", "--max-images", "1"))
    assert gems(*command, "--limit", "2", "--max-images", "2").exit_code == 0
    assert sum(call.kind == "image" for call in server.calls) == 2


PRICES = """["openai:fake"]
input = 1000
output = 1000
picture = 1.0
["openai:looker"]
call = 0.5
"""


def test_money_is_capped_over_drawing_and_judging_and_more_goes_on(
    folder: Path, server: FakeServer, judge: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "prices.toml").write_text(PRICES)
    monkeypatch.setenv("GEMS_PRICES", str(folder / "prices.toml"))
    settings_module.load_settings.cache_clear()
    data = str(DATA["wise-verified"](folder / "data"))
    command = ["eval", "wise-verified", "--data", data, "--limit", "4", "--arms", "base", "--out", "o"]
    command += ["--judge", "openai:looker"]
    assert "cost of 2.00: the cap is 2.5" in line_of(gems(*command, "--max-cost", "2.5"))
    assert (len(server.calls), len(judge.calls)) == (2, 0)
    # As if nobody had counted so far.
    (folder / "o" / "money.jsonl").unlink()
    assert "cost of 3.00: the cap is 3.5" in line_of(gems(*command, "--max-cost", "3.5"))
    (folder / "o" / "money.jsonl").unlink()
    assert "cost of 5.00: the cap is 5.2" in line_of(gems(*command, "--max-cost", "5.2"))
    assert (len(server.calls), len(judge.calls)) == (4, 2)
    assert "cost of 5.50" in line_of(
        gems("eval", "judge", "o", "--judge", "openai:looker", "--max-cost", "5.5")
    )
    done = gems(*command, "--max-cost", "6", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["arms"][0]["cost"]["cost"] == 1
    assert "money" in gems("eval", "score", "o").stdout
    assert (len(server.calls), len(judge.calls)) == (4, 4)


@pytest.mark.parametrize(
    "prices,said",
    [
        ('["openai:fake"]\ninput = 1\noutput = 1\npicture = 1\n', "'openai:looker'"),
        ('["openai:*"]\ncall = 1\n', "a picture"),
    ],
)
def test_money_is_capped_only_where_prices_are_known(
    folder: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch, prices: str, said: str
) -> None:
    (folder / "prices.toml").write_text(prices)
    monkeypatch.setenv("GEMS_PRICES", str(folder / "prices.toml"))
    settings_module.load_settings.cache_clear()
    data = str(DATA["wise-verified"](folder / "data"))
    told = gems("eval", "wise-verified", "--data", data, "--judge", "openai:looker", "--max-cost", "1")
    assert said in line_of(told, 2)
    assert server.calls == []


def test_a_dry_run_sends_nothing_and_names_pictures_and_money(
    folder: Path, server: FakeServer, judge: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = str(DATA["wise-verified"](folder / "data"))
    told = gems("eval", "wise-verified", "--data", data, "--dry-run", "--prices", "1,2,0.5")
    assert told.exit_code == 0, told.output
    rows = {line.split()[0]: line.split() for line in told.stdout.splitlines() if line}
    assert rows["base"][3:5] == ["12", "0"] and int(rows["gems"][4]) > 0
    assert rows["judge"][3:5] == ["0", "24"]
    assert rows["base"][-1] == "6.00" and float(rows["all"][-1]) > 6
    (folder / "prices.toml").write_text('["openai:*"]\ninput = 1\noutput = 2\npicture = 0.25\n')
    monkeypatch.setenv("GEMS_PRICES", str(folder / "prices.toml"))
    settings_module.load_settings.cache_clear()
    told = gems("eval", "wise-verified", "--data", data, "--dry-run")
    rows = {line.split()[0]: line.split() for line in told.stdout.splitlines() if line}
    assert rows["base"][-1] == "3.00" and float(rows["judge"][-1]) >= 0
    assert server.calls == judge.calls == []
    assert not (folder / "eval-wise-verified-0").exists()


@pytest.mark.parametrize(
    "arguments,said",
    [
        (("wise", "--data", "x"), "two WISE"),
        (("geneval2",), "needs its official files"),
        (("geneval2", "--data", "nowhere"), "nothing at"),
        (("score", "nowhere"), "holds no task"),
        (("judge", "nowhere"), "holds no task"),
        (("compare", "nowhere", "nowhere"), "holds no task"),
        (("generate", "nothing", "--data", "."), "no task 'nothing'"),
        (("wise-verified", "--data", "DATA", "--dry-run", "--prices", "cheap"), "IN,OUT,PICTURE"),
        (("wise-verified", "--data", "DATA", "--wording", "nowhere.toml"), "wording"),
        (
            (
                "wise-verified",
                "--data",
                "DATA",
                "--limit",
                "1",
                "--arms",
                "base",
                "--judge",
                "embedded",
            ),
            "openai:MODEL",
        ),
    ],
)
def test_mistakes_are_one_line(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    data = str(DATA["wise-verified"](folder / "data"))
    result = gems("eval", *(data if part == "DATA" else part for part in arguments))
    assert said in result.stderr, result.output
    line_of(result, 2)


def test_who_cannot_be_judged_here_is_said_before_anything_is_paid(
    folder: Path, server: FakeServer, judge: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "tables.txt").write_text("a table\n")
    command = ("eval", "artimuse", "--data", "tables.txt", "--pictures", "1", "--arms", "base")
    assert "its own checkpoint" in line_of(gems(*command, "--judge", "openai:looker"), 2)
    assert server.calls == []
    monkeypatch.setenv("GEMS_JUDGE", "openai:looker")
    settings_module.load_settings.cache_clear()
    told = gems(*command, "--out", "out")
    assert told.exit_code == 0 and "not judged here: ArtiMuse's scores" in told.stdout, told.output
    assert (folder / "out" / "official" / "base" / "pictures.json").is_file() and judge.calls == []


def test_a_dead_judge_is_one_line_and_what_is_drawn_is_kept(
    folder: Path, judge: FakeServer, server: FakeServer
) -> None:
    judge.script = lambda call, number: Answer("down", status=500)
    data = str(DATA["wise-verified"](folder / "data"))
    command = (
        "eval",
        "wise-verified",
        "--data",
        data,
        "--limit",
        "1",
        "--arms",
        "base",
        "--out",
        "out",
    )
    line = line_of(gems(*command, "--judge", "openai:looker"))
    assert "keeps answering 500" in line
    drawn = len(server.calls)
    judge.script = lambda call, number: Answer("Score: 1")
    assert gems(*command, "--judge", "openai:looker").exit_code == 0
    assert len(server.calls) == drawn
