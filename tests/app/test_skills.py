"""`gems skills` and runs, with the skills and collections that people really have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_server import Answer, FakeServer
from gems.app.cli import app
from gems.settings import load_settings
from odd_skills import FORMS, Form, text_of, write
from typer.testing import CliRunner, Result


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's folder of skills."""
    return tmp_path / "home" / "skills"


def gems(*arguments: str) -> Result:
    load_settings.cache_clear()
    return CliRunner().invoke(app, list(arguments))


def listed() -> list[str]:
    result = gems("skills", "list", "--json")
    assert result.exit_code == 0, result.exception
    return [entry["name"] for entry in json.loads(result.stdout)]


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with the log on stderr."""
    return subprocess.run(
        [sys.executable, "-m", "gems.app.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )


def on(server: FakeServer) -> dict[str, str]:
    """Variables that make a server of both models."""
    names = [f"GEMS_{name}" for name in ("MLLM", "GENERATOR")]
    return {
        **dict.fromkeys(names, "openai:fake"),
        **{f"{name}_BASE_URL": server.base_url for name in names},
        **{f"{name}_RETRIES": "0" for name in names},
    }


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_is_judged_in_a_line_and_used_if_it_can_be(home: Path, form: Form) -> None:
    folder = write(home, "wild", form.data)
    write(home, "good")
    start = time.monotonic()
    result = gems("skills", "validate", str(folder))
    assert result.exit_code == (0 if form.conforms else 1), result.exception
    assert form.says in result.stdout and result.stdout.startswith(f"{folder}: ")
    assert len(result.stdout.splitlines()) == 1 and len(result.stdout) < 1000
    assert ("used all the same" in result.stdout) == (bool(form.name) and not form.conforms)
    names = listed()
    assert "good" in names and len(names) == 5 + bool(form.name)
    assert time.monotonic() - start < 10
    if form.name:
        assert form.name in names
        shown = gems("skills", "show", form.name)
        assert shown.exit_code == 0 and "\x1b" not in shown.stdout
        assert shown.stdout.strip()
    else:
        refused = gems("skills", "show", "wild")
        assert refused.exit_code == 2 and "the skill 'wild' cannot be used" in refused.stderr


def test_a_run_with_every_odd_skill_at_home_draws_its_picture(home: Path, server: FakeServer) -> None:
    for number, form in enumerate(FORMS.values()):
        write(home, f"odd-{number}", form.data)
    result = shell("generate", "a cat", "--json", **on(server))
    assert result.returncode == 0 and "Traceback" not in result.stderr
    assert Path(json.loads(result.stdout)["image"]).is_file()
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 10 and lines[-1].endswith("more about skills: gems skills validate")
    assert all(line.startswith("skipped: ") for line in lines[:-1])
    doctor = shell("doctor", **on(server))
    assert doctor.returncode == 1 and "Traceback" not in doctor.stderr
    assert "fail skills: " in doctor.stdout and "note skills: " in doctor.stdout


@pytest.mark.parametrize("loss", ["folder", "file", "text", "encoding", "description"])
def test_a_resumed_run_whose_skill_is_gone_goes_on_without(
    home: Path, server: FakeServer, loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in on(server).items():
        monkeypatch.setenv(name, value)
    folder = write(home, "cats")
    server.script = lambda call, before: Answer(status=500) if call.kind == "decomposer" else None
    stopped = gems("generate", "a cat", "--skill", "cats", "--thread", "mine", "--json")
    assert stopped.exit_code == 1 and "gems resume mine" in stopped.stderr
    match loss:
        case "folder":
            shutil.rmtree(folder)
        case "file":
            (folder / "SKILL.md").unlink()
        case "text":
            write(home, "cats", text_of("cats", body=""))
        case "encoding":
            write(home, "cats", text_of("cats").encode("utf-16"))
        case "description":
            write(home, "cats", "Do it.")
    server.script = None
    result = shell("resume", "mine", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["skill"] is None and Path(report["image"]).is_file()
    assert report["warnings"][0].startswith("skill_writer: going on without the skill 'cats': ")


def test_the_lines_of_a_bad_and_of_a_usable_skill(home: Path) -> None:
    write(home, "long", text_of("long", body="x\n" * 584))
    result = shell("skills", "list")
    assert result.returncode == 0 and "long" in result.stdout
    assert result.stderr == (
        f"used all the same: {home / 'long'}: "
        "has 584 lines of instructions, recommended are 500 at most\n"
    )
    write(home, "long", b"")
    assert shell("skills", "list").stderr == (
        f"skipped: {home / 'long'} is no skill: "
        "has no front matter: begin with lines of ---, name: and description:, and ---\n"
    )


def test_validating_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, "cats")
    monkeypatch.chdir(folder)
    for path in (".", "./", "../cats", "SKILL.md", f"{folder}/../cats/."):
        result = gems("skills", "validate", path)
        assert (result.exit_code, result.stdout) == (0, f"{folder}: ok\n"), path
    monkeypatch.chdir(tmp_path)
    assert gems("skills", "validate", ".").stdout == f"{folder}: ok\n"


def test_a_folder_that_is_gone_under_ones_feet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, "cats")
    monkeypatch.chdir(folder)
    (folder / "SKILL.md").unlink()
    folder.rmdir()
    result = gems("skills", "validate", ".")
    assert result.exit_code == 2 and "the current folder is gone" in result.stderr


@pytest.mark.parametrize(
    "place",
    [
        "cats",
        "skills/cats",
        ".claude/skills/cats",
        "plugins/pets/skills/cats",
        "skills/.curated/cats",
        "a/b/c/d/e/f/g/h/i/j/cats",
    ],
)
@pytest.mark.parametrize("file", ["SKILL.md", "skill.md", "Skill.md"])
def test_a_nested_collection_is_found(
    home: Path, tmp_path: Path, place: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = tmp_path / "collection"
    write(collection, place, file=file)
    (collection / "README.md").write_text("A collection.")
    result = gems("skills", "validate", str(collection))
    assert (result.exit_code, result.stdout) == (0, f"{collection / place}: ok\n")
    monkeypatch.setenv("GEMS_SKILLS", str(collection))
    assert "cats" in listed()
    assert "Do it." in gems("skills", "show", "cats").stdout


def test_a_skill_may_hold_skills_but_its_assets_are_none(tmp_path: Path) -> None:
    root = write(tmp_path, "root")
    inner = write(root, "skills/inner")
    for place in ("assets/template", "scripts/x", "references/y", ".git/z", "node_modules/w"):
        write(root, place, "a template")
    result = gems("skills", "validate", str(root))
    assert result.stdout.splitlines() == [
        f"{root}: ok",
        f"{inner}: ok",
        "2 skills: 0 break the standard, 0 cannot be used",
    ]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("{tmp}/none", "no folder of skills can be read at {tmp}/none; see GEMS_SKILLS"),
        ("{tmp}/none/skills", "no folder of skills can be read at {tmp}/none/skills; see GEMS_SKILLS"),
        ("{tmp}/empty", "no SKILL.md in {tmp}/empty or below it"),
        ("{tmp}/file", "{tmp}/file is a file: name the folder of a SKILL.md"),
        ("{tmp}/loop", "no folder of skills can be read at {tmp}/loop; see GEMS_SKILLS"),
    ],
)
def test_a_setting_that_leads_to_no_skills_is_said_and_the_rest_works(
    tmp_path: Path, value: str, line: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    write(tmp_path / "more", "cats")
    setting = os.pathsep.join([value.format(tmp=tmp_path), str(tmp_path / "more")])
    result = shell("skills", "list", "--json", GEMS_SKILLS=setting)
    assert result.returncode == 0 and result.stderr == line.format(tmp=tmp_path) + "\n"
    assert [entry["name"] for entry in json.loads(result.stdout)][1] == "cats"


def test_links_are_followed_once_and_loops_end(home: Path, tmp_path: Path) -> None:
    real = write(tmp_path / "elsewhere", "cats")
    home.mkdir(parents=True)
    (home / "cats").symlink_to(real)
    (home / "around").symlink_to(home)
    (real / "up").symlink_to(tmp_path)
    (home / "again").symlink_to(real)
    assert listed().count("cats") == 1
    (home / "itself").symlink_to("itself")
    (home / "gone").symlink_to(tmp_path / "gone")
    result = gems("skills", "validate", str(home))
    assert result.exit_code == 1 and "Traceback" not in result.output
    assert f"cannot look into {home / 'itself'}: " in result.stdout
    assert f"cannot look into {home / 'gone'}: No such file or directory" in result.stdout
    assert "cats" in listed()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_named(home: Path) -> None:
    write(home, "good")
    closed = write(home, "closed")
    closed.chmod(0)
    try:
        result = gems("skills", "validate", str(home))
        assert result.exit_code == 1 and f"cannot look into {closed}: Permission" in result.stdout
        assert "good" in listed()
    finally:
        closed.chmod(0o700)


def test_a_skill_file_that_is_no_file_is_named(home: Path) -> None:
    write(home, "good")
    for name in ("folder", "pipe", "link"):
        (home / name).mkdir()
    (home / "folder" / "SKILL.md").mkdir()
    os.mkfifo(home / "pipe" / "SKILL.md")
    (home / "link" / "SKILL.md").symlink_to("nowhere")
    result = gems("skills", "validate", str(home))
    assert result.exit_code == 1
    for name in ("folder", "pipe", "link"):
        assert f"{home / name / 'SKILL.md'} is no file, or a link to nothing" in result.stdout
    assert "good" in listed()


def test_a_folder_whose_name_is_no_text_is_named_and_used(home: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(home) + b"/caf\xe9"))
    write(folder.parent, folder.name, "---\ndescription: does it\n---\nDo it.")
    result = gems("skills", "validate", str(home))
    assert result.exit_code == 1 and "caf\ufffd: name is missing" in result.stdout
    assert gems("skills", "show", "caf\ufffd").exit_code == 0


def test_skills_of_one_name_are_named(home: Path, tmp_path: Path) -> None:
    first, second = write(home, "cats"), write(home, "pets", text_of("cats", body="Other."))
    third = write(tmp_path / "more", "cats")
    both = gems("skills", "validate", str(home), str(tmp_path / "more"))
    assert f"3 skills are called 'cats': {first}, {second}, {third}" in both.stdout
    result = shell("skills", "show", "cats", GEMS_SKILLS=str(tmp_path / "more"))
    assert str(third) in result.stdout
    assert f"two skills are called 'cats': {first} counts, {second} does not\n" in result.stderr
    assert f"two skills are called 'cats': {third} counts, {first} does not\n" in result.stderr


def test_what_cannot_be_validated_is_refused_in_a_line(tmp_path: Path) -> None:
    result = gems("skills", "validate", str(tmp_path / "none"))
    assert result.exit_code == 2
    assert result.stderr == (f"gems: cannot look into {tmp_path / 'none'}: No such file or directory\n")
    write(tmp_path / "some", "cats")
    (tmp_path / "empty").mkdir()
    result = gems("skills", "validate", str(tmp_path / "some"), str(tmp_path / "empty"))
    assert result.exit_code == 1 and f"no SKILL.md in {tmp_path / 'empty'}: name" in result.stdout


def test_a_large_collection_is_listed_and_its_names_do_not_flood_a_message(home: Path) -> None:
    for number in range(300):
        write(home, f"skill-{number}", text_of("wrong", description="x" * 900) if number < 20 else None)
    assert len(listed()) == 285
    result = gems("generate", "a cat", "--skill", "skill-2999")
    assert result.exit_code == 2 and "(285 in all: gems skills list)" in result.stderr
    assert "skill-299" in result.stderr and len(result.stderr) < 600
