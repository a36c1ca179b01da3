"""Arms: ways of drawing that a benchmark compares, each a small TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from ..errors import InputError
from ..nodes.context import RunContext

ARMS = Path(__file__).parent / "arms"
FIXED = ("seed", "mllm", "generator")
"""Fields of the context that are the benchmark's own, the same in every arm."""


class Arm(BaseModel):
    """A way of drawing: its name and the context of its runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,39}$")
    about: str = ""
    context: RunContext = Field(
        default_factory=RunContext, validation_alias=AliasChoices("context", "knobs")
    )
    """``knobs`` is what files of version 0.1 call it."""
    rank: int = Field(default=50, description="its place on the ladder: lower ones are shown first")
    ladder: bool = Field(default=False, description="whether it runs when no arms are named")
    against: tuple[str, ...] = Field(
        default=(), description="arms to compare it with, beside the first and the one before it"
    )

    @property
    def options(self) -> dict[str, Any]:
        """The fields of the context that it sets: the options of its runs, and JSON."""
        return self.context.model_dump(exclude_unset=True)

    @property
    def draws_once(self) -> bool:
        """Whether its picture is the first one, whatever anybody says of it."""
        return self.context.rounds == self.context.candidates == 1


def packaged_arms() -> list[Arm]:
    """Every packaged arm, in the order of the ladder."""
    return sorted((read_arm(path) for path in ARMS.glob("*.toml")), key=lambda a: (a.rank, a.name))


def read_arm(path: Path) -> Arm:
    """The arm in a TOML file; the section ``[context]`` holds ``RunContext``'s fields.

    Raises:
        InputError: the file cannot be read, or is no arm.
    """
    try:
        arm = Arm.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise InputError(f"the arm {path} cannot be read: {exc}; give a readable TOML file") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        raise InputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from exc
    for name in FIXED:
        if name in arm.context.model_fields_set:
            raise InputError(f"{path}: {name} is the same in every arm: give it to `gems eval`")
    if arm.context.ask:
        raise InputError(f"{path}: ask: nobody is there to answer during an evaluation: leave it out")
    return arm


def choose_arms(wanted: str | None) -> list[Arm]:
    """The arms named in ``wanted``, separated by commas, packaged ones or files; None: the ladder.

    Raises:
        InputError: there is no such arm, or two have one name.
    """
    known = {arm.name: arm for arm in packaged_arms()}
    if wanted is None:
        return [arm for arm in known.values() if arm.ladder]
    arms = []
    for name in (part.strip() for part in wanted.split(",") if part.strip()):
        if name not in known and not name.endswith(".toml"):
            raise InputError(f"no arm {name!r}: name a .toml file, or some of {', '.join(known)}")
        arms.append(known[name] if name in known else read_arm(Path(name).expanduser()))
    if not arms or len({arm.name for arm in arms}) < len(arms):
        raise InputError(f"--arms {wanted!r} names no arm, or one twice: name each once")
    return sorted(arms, key=lambda arm: (arm.rank, arm.name))
