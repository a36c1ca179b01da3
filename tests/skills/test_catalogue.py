"""The catalogue of skills."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from gems.errors import InputError
from gems.settings import Settings
from gems.skills.catalogue import PACKAGED, Catalogue, problems_of, skill_folders


def write(root: Path, name: str, text: str) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(text, "utf-8")
    return folder


def skill(name: str, description: str = "does it", body: str = "Do it.") -> str:
    return f"---\nname: {name}\ndescription: {description}\n---\n\n{body}\n"


def test_four_skills_are_packaged_and_valid() -> None:
    names = ["aesthetic-drawing", "creative-drawing", "spatial", "text-rendering"]
    assert Catalogue([PACKAGED]).names() == names
    assert [problems_of(folder) for folder in skill_folders(PACKAGED)] == [[]] * 4
    for entry in Catalogue([PACKAGED]).manifest():
        assert "Not " in entry["description"], "a skill says when not to use it"


def test_a_users_skill_is_found_and_replaces_a_packaged_one(tmp_path: Path) -> None:
    write(tmp_path / "home" / "skills", "spatial", skill("spatial", body="My own way."))
    write(tmp_path / "more", "cats", skill("cats"))
    settings = Settings(home=tmp_path / "home", skills=str(tmp_path / "more"))
    catalogue = Catalogue.from_settings(settings)
    assert catalogue.get("spatial").body == "My own way."
    assert "cats" in catalogue.names()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("bad", "no front matter", "no front matter"),
        ("bad", "---\nname: [\n---\nx", "no YAML"),
        ("bad", "---\n- a\n---\nx", "no list of names"),
        ("bad", skill("other"), "not the folder's name"),
        ("Bad", skill("Bad"), "is not 1 to 64"),
        ("bad", "---\nname: bad\n---\nx", "description is missing"),
        ("bad", skill("bad", description="x" * 1025), "1025 characters"),
        ("bad", skill("bad", body=""), "no instructions"),
        ("bad", skill("bad", body="x\n" * 501), "501 lines"),
    ],
)
def test_a_bad_skill_is_named_and_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, text: str, problem: str
) -> None:
    folder = write(tmp_path, name, text)
    assert problem in "; ".join(problems_of(folder))
    with caplog.at_level(logging.WARNING):
        assert Catalogue([tmp_path]).names() == []
    assert problem in caplog.text


def test_only_name_and_description_are_shown_before_a_skill_is_chosen() -> None:
    for entry in Catalogue([PACKAGED]).manifest():
        assert set(entry) == {"name", "description"} and len(entry["description"]) < 400


def test_an_unknown_skill_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="auto, none or one of aesthetic-drawing"):
        Catalogue([PACKAGED]).get("magic")
