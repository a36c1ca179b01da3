"""What evaluations are called in a database: nobody's by accident, somebody's on purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gems.errors import InputError
from gems.evals import naming
from gems.evals.arms import Arm
from gems.evals.cases import Case, Suite
from gems.evals.naming import settle_name, take_name
from gems.evals.plan import EvalPlan
from gems.evals.sharing import name_held
from gems.settings import Settings
from pydantic import SecretStr

ONE, OTHER = "a door", "a roof"


class Plans:
    """The database's plans, by evaluation."""

    def __init__(self, **plans: EvalPlan) -> None:
        self._plans = plans

    def rows(self, sql: str, length: int, folder: str) -> list[dict[str, Any]]:
        return [
            {"evaluation": name.replace("_", "-"), "line": json.dumps(plan.describe())}
            for name, plan in self._plans.items()
            if name[:length] == folder
        ]


def plan(out: Path, prompt: str = ONE) -> EvalPlan:
    return EvalPlan(Suite("s", (Case(id="c", prompt=prompt),)), (Arm(name="base"),), 0, out)


def take(
    database: Plans, wanted: EvalPlan, given: str | None = None, worker: bool = False
) -> str | None:
    return take_name(database, wanted, given, worker)  # type: ignore[arg-type]


def test_a_new_folder_has_a_name_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    one, other = plan(tmp_path / "a" / "out"), plan(tmp_path / "b" / "out")
    names = {take(Plans(out=one), one), take(Plans(out=one), other)}
    assert len(names) == 2 and all(str(name).startswith("out-") for name in names)
    assert {take(Plans(), one), take(Plans(), other)} == names
    assert {name_held(one.out), name_held(other.out)} == names


def test_a_folder_from_before_keeps_its_own(tmp_path: Path) -> None:
    old = plan(tmp_path / "out")
    old.out.mkdir()
    (old.out / "plan.json").write_text("{}")
    assert take(Plans(out=old), old) == "out"
    begun_without = plan(tmp_path / "b" / "out")
    begun_without.out.mkdir(parents=True)
    (begun_without.out / "plan.json").write_text("{}")
    assert str(take(Plans(), begun_without)).startswith("out-")


def test_a_worker_helps_the_one_evaluation_with_its_plan(tmp_path: Path) -> None:
    mine, theirs = plan(tmp_path / "out"), plan(tmp_path / "out", OTHER)
    known = Plans(out_0123abcd=mine, out_99999999=theirs, out=theirs, out_longer=mine, outer=mine)
    assert take(Plans(), mine, worker=True) is None
    assert take(known, mine, worker=True) == "out-0123abcd" == name_held(mine.out)


def test_a_worker_that_could_mean_several_is_told_their_names(tmp_path: Path) -> None:
    mine = plan(tmp_path / "out")
    known = Plans(out_0123abcd=mine, out_99999999=mine)
    with pytest.raises(InputError, match="--name with one of out-0123abcd, out-99999999"):
        take(known, mine, worker=True)
    assert take(known, mine, "out-99999999", worker=True) == "out-99999999"


def test_a_name_is_given_on_purpose_and_stays(tmp_path: Path) -> None:
    one, other = plan(tmp_path / "a"), plan(tmp_path / "b")
    assert take(Plans(), one, "nightly") == take(Plans(), other, "nightly") == "nightly"
    with pytest.raises(InputError, match="is the evaluation 'nightly'"):
        take(Plans(), one, "weekly")


def test_nobody_to_help_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "WAIT_SECONDS", -1)
    monkeypatch.setattr("gems.memory.database.shared_database", lambda url: Plans())
    settings = Settings(home=tmp_path, database_url=SecretStr("postgresql://nobody/x"))
    with pytest.raises(InputError, match="start one without --worker"):
        settle_name(settings, plan(tmp_path / "out"), worker=True)


@pytest.mark.parametrize(
    "given,said", [("x", "GEMS_DATABASE_URL"), ("a/b", "no name"), ("", "no name")]
)
def test_a_name_without_a_database_or_that_is_none(tmp_path: Path, given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        settle_name(Settings(home=tmp_path), plan(tmp_path / "out"), given)


def test_without_a_database_nothing_is_written(tmp_path: Path) -> None:
    assert settle_name(Settings(home=tmp_path), plan(tmp_path / "out")) == "out"
    assert list(tmp_path.iterdir()) == []
