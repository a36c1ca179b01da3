"""What an evaluation is called in a database that several people use: a name that its folder holds."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..memory.files import write_file
from ..settings import Settings
from .plan import EvalPlan, differ
from .sharing import NAME_FILE, FileSharing, alone, name_held

if TYPE_CHECKING:
    from ..memory.database import Database

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
OWN = re.compile(r"-[0-9a-f]{8}")
"""What a folder's name gets, so that another's of that name is another evaluation."""
WAIT_SECONDS = 30.0
"""How long a worker waits for the evaluation that it is to help."""
PLANS = """
SELECT DISTINCT ON (evaluation) evaluation, line FROM gems_eval_lines
WHERE log = 'plan.json' AND left(evaluation, %s) = %s ORDER BY evaluation, number DESC
"""


def settle_name(
    settings: Settings, plan: EvalPlan, given: str | None = None, *, worker: bool = False
) -> str:
    """What the evaluation in the plan's folder is called in the settings' database, from now on.

    A folder that has a name keeps it. One that was begun before there were names keeps its own. A new
    one gets its own with a few characters behind it, so that nobody else's is meant; a worker's gets
    that of the evaluation with its folder's name and its plan, for which it waits.

    Args:
        settings: without a database there is nothing to settle.
        plan: what to draw, and where.
        given: the name that is wanted; whoever gives the same one shares the work.
        worker: whether it helps.

    Raises:
        InputError: the folder has another name, or a worker finds no evaluation to help, or several.
        StorageError: the name cannot be noted.
    """
    if given is not None and not NAME.fullmatch(given):
        raise InputError(f"--name {given[:80]!r} is no name: use letters, digits, . _ -")
    if settings.database_url is None:
        if given is not None:
            raise InputError("--name is for evaluations in a database: set GEMS_DATABASE_URL")
        return plan.out.name
    from ..memory.database import shared_database

    database = shared_database(settings.database_url.get_secret_value())
    until = time.monotonic() + WAIT_SECONDS
    while (name := take_name(database, plan, given, worker)) is None:
        if time.monotonic() > until:
            raise InputError(
                f"the database has no evaluation {plan.out.name} of this plan: start one without "
                "--worker, or give the --name that it says it has"
            )
        time.sleep(1)
    return name


def take_name(database: Database, plan: EvalPlan, given: str | None, worker: bool) -> str | None:
    """See ``settle_name``; None: there is nobody to help yet."""
    with alone(FileSharing(plan.out), NAME_FILE):
        held = name_held(plan.out)
        if held and given and held != given:
            raise InputError(
                f"{plan.out} is the evaluation {held!r}: leave out --name, or take another --out"
            )
        name = held or given or known_name(database, plan, worker)
        if name is None and not worker:
            name = f"{plan.out.name}-{secrets.token_hex(4)}"
        if name and not held:
            write_file(plan.out / NAME_FILE, name.encode("utf-8", "replace"))
    return name


def known_name(database: Database, plan: EvalPlan, worker: bool) -> str | None:
    """The name of an evaluation that is in the database already, and is meant.

    Raises:
        InputError: a worker could mean several.
    """
    plans = plans_called(database, plan.out.name)
    if plan.out.name in plans and (plan.out / "plan.json").is_file():
        return plan.out.name
    fitting = [name for name, held in plans.items() if worker and not differ(held, plan.describe())]
    if len(fitting) > 1:
        raise InputError(
            f"{len(fitting)} evaluations of the database could be meant: give --name with one of "
            f"{', '.join(fitting)}"
        )
    return fitting[0] if fitting else None


def plans_called(database: Database, folder: str) -> dict[str, Mapping[str, Any]]:
    """The plans of all evaluations that folders of that name began, by their names."""
    rows = database.rows(PLANS, len(folder), folder)
    mine = [row for row in rows if is_called(row["evaluation"], folder)]
    return {row["evaluation"]: json.loads(row["line"]) for row in mine}


def is_called(name: str, folder: str) -> bool:
    """Whether a folder of that name has begun an evaluation of that name."""
    return name == folder or OWN.fullmatch(name.removeprefix(folder)) is not None
