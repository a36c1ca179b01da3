"""The catalogue of skills: what a run can choose from."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from gems.errors import InputError, StorageError
from gems.settings import Settings
from gems.skills.catalogue import MANIFEST_LIMIT, PACKAGED, Catalogue
from gems.skills.folders import skill_folders
from gems.skills.skill import inspect
from odd_skills import FORMS, Form, text_of, write


def test_four_skills_are_packaged_and_keep_to_the_standard() -> None:
    names = ["aesthetic-drawing", "creative-drawing", "spatial", "text-rendering"]
    catalogue = Catalogue([PACKAGED])
    assert (catalogue.names(), catalogue.warnings) == (names, [])
    for folder in skill_folders(PACKAGED).folders:
        assert inspect(folder)[2:] == ([], [])
    for entry in catalogue.manifest():
        assert "Not " in entry["description"], "a skill says when not to use it"


def test_a_users_skill_is_found_and_replaces_a_packaged_one_without_a_word(tmp_path: Path) -> None:
    write(tmp_path / "home" / "skills", "spatial", text_of("spatial", body="My own way."))
    write(tmp_path / "more", "cats")
    settings = Settings(home=tmp_path / "home", skills=str(tmp_path / "more"))
    catalogue = Catalogue.from_settings(settings)
    assert catalogue.get("spatial").body == "My own way."
    assert "cats" in catalogue.names() and catalogue.warnings == []


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_catalogue_opens_whatever_lies_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, form: Form
) -> None:
    write(tmp_path, "wild", form.data)
    with caplog.at_level(logging.WARNING):
        catalogue = Catalogue([tmp_path])
    assert catalogue.names() == ([form.name] if form.name else [])
    quiet = form.conforms and "warning" not in form.says and "recommended" not in form.says
    assert len(caplog.messages) == (0 if quiet else 1)
    if form.name:
        skill = catalogue.get(form.name)
        assert skill.body.strip() and "\n" not in skill.name + skill.description
        assert set("\x1b\0\ud800").isdisjoint(skill.name + skill.description + skill.body)


def test_only_name_and_description_are_shown_before_a_skill_is_chosen() -> None:
    for entry in Catalogue([PACKAGED]).manifest():
        assert set(entry) == {"name", "description"} and len(entry["description"]) < 400


@pytest.mark.parametrize("count", [10, 100, 900])
def test_the_manifest_of_a_large_collection_fits_a_models_context(tmp_path: Path, count: int) -> None:
    for number in range(count):
        write(tmp_path, f"s-{number}", text_of(f"s-{number}", description="word " * 200))
    manifest = Catalogue([tmp_path]).manifest()
    assert len(manifest) == count
    assert sum(len(entry["description"]) for entry in manifest) <= MANIFEST_LIMIT
    assert manifest[0]["description"].startswith("word word")
    assert manifest[0]["description"].endswith("…") == (count > 10)


def test_an_unknown_skill_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="auto, none or one of aesthetic-drawing"):
        Catalogue([PACKAGED]).get("magic")


def test_a_skipped_skill_is_refused_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path, "cats", "nothing")
    with pytest.raises(InputError, match="'cats' cannot be used: .*cats: has no front matter"):
        Catalogue([tmp_path]).get("cats")


def test_a_name_with_a_plus_is_one_name_and_others_are_several(tmp_path: Path) -> None:
    for name in ("c++", "cats", "dogs"):
        write(tmp_path, name, text_of(name, body=f"{name}!"))
    catalogue = Catalogue([tmp_path])
    assert [skill.name for skill in catalogue.chosen("c++")] == ["c++"]
    assert [skill.name for skill in catalogue.chosen("dogs + cats")] == ["dogs", "cats"]


def test_instructions_that_vanished_are_left_out_and_said(tmp_path: Path) -> None:
    for name in ("cats", "dogs", "owls"):
        write(tmp_path, name, text_of(name, body=f"{name}!"))
    catalogue = Catalogue([tmp_path])
    (tmp_path / "dogs" / "SKILL.md").unlink()
    write(tmp_path, "owls", text_of("owls", body=""))
    bodies, problems = catalogue.instructions("cats+dogs+owls+bats")
    assert bodies == {"cats": "cats!"} and len(problems) == 3
    assert problems[0].endswith(f"'dogs': there is no SKILL.md in {tmp_path / 'dogs'}")
    assert "any more" in problems[1] and "no skill is called 'bats'" in problems[2]
    with pytest.raises(StorageError, match="no SKILL.md"):
        _ = catalogue.get("dogs").body
