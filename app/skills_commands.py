"""``gems skills``: what skills there are, and whether they keep to the standard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from .command import Json, one_line_errors

if TYPE_CHECKING:
    from ..skills.catalogue import Catalogue

skills_app = typer.Typer(help="The skills that prompts can be written with.", no_args_is_help=True)


@skills_app.command("list")
def list_skills(as_json: Json = False) -> None:
    """List the skills with their descriptions."""
    with one_line_errors():
        from .tables import skills_table

        listed = [
            {"name": skill.name, "description": skill.description} for skill in catalogue().skills()
        ]
        if as_json:
            print(json.dumps(listed))
            return
        skills_table(listed)


@skills_app.command("show")
def show_skill(name: Annotated[str, typer.Argument(help="The skill's name.")]) -> None:
    """Print a skill's full instructions."""
    with one_line_errors():
        from ..skills.front_matter import shown

        skill = catalogue().get(name)
        print(f"{skill.name}: {skill.description}\n{shown(skill.folder)}\n\n{skill.body}")


@skills_app.command("validate")
def validate_skills(
    folders: Annotated[
        Optional[list[Path]],
        typer.Argument(help="Skill folders, or folders of skills. [all the catalogue reads]"),
    ] = None,
) -> None:
    """Check skills against the Agent Skills standard."""
    with one_line_errors():
        from ..settings import load_settings
        from ..skills.catalogue import folders_of
        from .skills import validate

        if not validate(folders or folders_of(load_settings())):
            raise typer.Exit(1)


def catalogue() -> Catalogue:
    """The skills that the settings name, the packaged ones among them."""
    from ..settings import load_settings
    from ..skills.catalogue import Catalogue

    return Catalogue.from_settings(load_settings())
