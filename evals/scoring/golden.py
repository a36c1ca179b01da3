"""Golden files: answers with the figures that an official script gave for them, and whether ours agree.

A file holds ``about``, ``input``, ``official`` and ``notes``; ``input.runs`` and ``official`` have a
member a run. Its name, or else its ``about``, says which benchmark it is of.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from ...errors import GemsError, InputError
from .golden_runs import RUNS, RunFigures

TOLERANCE = 1e-9
SINGLE_PRECISION, SINGLE_PRECISION_PERCENT = 1e-6, 1e-4
"""Of GenEval 2's probabilities and of its values in percent, since that script works in single
precision."""
PERCENTS = ("soft_tifa_am", "soft_tifa_gm", "per_skill_am", "per_atomicity_gm")
NO_FIGURES = {"tokens_outside_the_twenty"}
"""Members of ``official`` that say more of the input."""


@dataclass(frozen=True)
class Finding:
    """One figure: its name, and how ours differs; an empty ``difference`` is none."""

    name: str
    difference: str = ""


def benchmark_of(path: Path, about: str) -> str | None:
    """The benchmark that a golden file is of, as ``RUNS`` calls it; None: no known one."""
    stem = path.stem.lower()
    by_length = sorted(RUNS, key=len, reverse=True)
    for name in by_length:
        if stem.startswith(name.lower()):
            return name
    spoken = {RUNS[name].called: name for name in by_length}
    return next((name for called, name in spoken.items() if about.startswith(called)), None)


def check_folder(folder: Path) -> Iterator[Finding]:
    """Every figure of every golden file in ``folder``.

    Raises:
        InputError: there are none, or one cannot be read.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InputError(f"{folder} holds no golden files (*.json): name the folder that has them")
    for path in files:
        yield from check_file(path)


def check_file(path: Path) -> Iterator[Finding]:
    """Every figure of one golden file.

    Raises:
        InputError: it cannot be read, or is none.
    """
    golden = read_golden(path)
    name = benchmark_of(path, str(golden.get("about", "")))
    if name is None:
        yield Finding(path.stem, f"no known benchmark; name the file after one of {', '.join(RUNS)}")
        return
    given, official = golden["input"], golden["official"]
    for run, wanted in official.items():
        yield from check_run(f"{path.stem}.{run}", name, run, given, wanted)


def read_golden(path: Path) -> dict[str, Any]:
    """The file's object.

    Raises:
        InputError: it cannot be read, or has no ``input`` or ``official``.
    """
    try:
        golden = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as exc:
        raise InputError(f"{path} cannot be read: {exc}; it should be a golden file in JSON") from exc
    try:
        members = [*golden["input"]["runs"].values(), *golden["official"].values()]
        figures = {figure for run in golden["official"].values() for figure in run}
    except (KeyError, TypeError, AttributeError):
        members, figures = [None], set()
    if not all(isinstance(run, dict) for run in members) or not figures:
        raise InputError(
            f"{path} is no golden file: it needs input.runs and official, with an object a run and "
            "figures in it"
        )
    found: dict[str, Any] = golden
    return found


def check_run(
    label: str, name: str, run: str, given: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[Finding]:
    """Every figure of one run; ``given`` is the file's whole ``input``."""
    ours = run_figures(RUNS[name], given, run, wanted)
    for figure, value in wanted.items():
        if figure in NO_FIGURES:
            continue
        if isinstance(ours, str):
            yield Finding(f"{label}.{figure}", ours)
            continue
        tolerance = tolerance_of(name, run, figure)
        yield Finding(f"{label}.{figure}", difference(ours.get(figure), value, tolerance))


def run_figures(
    benchmark: RunFigures, given: Mapping[str, Any], run: str, wanted: Mapping[str, Any]
) -> dict[str, Any] | str:
    """Our figures of a run; words where they cannot be made."""
    if run not in given["runs"]:
        return "there is no such run in the file's input"
    try:
        return benchmark.figures({**given, **given["runs"][run]}, wanted)
    except GemsError as exc:
        return str(exc)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as exc:
        return f"the run's input cannot be read: {type(exc).__name__}: {exc}"


def tolerance_of(name: str, run: str, figure: str) -> float:
    """By how much a figure may differ, as the golden files' first notes say."""
    if name != "GenEval2" or run == "probabilities":
        return TOLERANCE
    return SINGLE_PRECISION_PERCENT if figure in PERCENTS else SINGLE_PRECISION


def difference(ours: Any, wanted: Any, tolerance: float, place: str = "") -> str:
    """Where ours differs first, in words; empty: nowhere. Numbers may differ by ``tolerance``, all else
    is the same or different."""
    if isinstance(wanted, dict) and isinstance(ours, dict):
        return first_difference(by_text(ours), by_text(wanted), tolerance, place)
    if isinstance(wanted, list) and isinstance(ours, list | tuple):
        pair = (dict(enumerate(ours)), dict(enumerate(wanted)))
        return first_difference(*pair, tolerance, place)
    if is_number(wanted) and math.isnan(wanted):
        # A script's word for a figure that there is nothing to make of.
        same = ours is None or (is_number(ours) and math.isnan(ours))
    elif is_number(wanted) and is_number(ours):
        same = math.isclose(ours, wanted, rel_tol=0, abs_tol=tolerance)
    else:
        same = type(ours) is type(wanted) and ours == wanted
    return "" if same else f"{place + ': ' if place else ''}ours {ours!r:.80}, official {wanted!r:.80}"


def first_difference(
    ours: Mapping[Any, Any], wanted: Mapping[Any, Any], tolerance: float, place: str
) -> str:
    """The first member that differs, is missing, or is one too many."""
    for key in [*wanted, *(key for key in ours if key not in wanted)]:
        inside = f"{place}.{key}" if place else str(key)
        if key not in ours or key not in wanted:
            return f"{inside}: only {'official' if key in wanted else 'ours'}"
        found = difference(ours[key], wanted[key], tolerance, inside)
        if found:
            return found
    return ""


def by_text(members: Mapping[Any, Any]) -> dict[str, Any]:
    """Members by their names as JSON has them."""
    return {str(key): value for key, value in members.items()}


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is compared within a tolerance."""
    return isinstance(value, int | float) and not isinstance(value, bool)


Print = Callable[[str], None]


def print_findings(findings: Iterator[Finding], say: Print) -> bool:
    """Says ``SAME`` or ``DIFF`` with the name of every figure; whether all are the same."""
    same = True
    for finding in findings:
        word = (
            f"DIFF {finding.name}  ({finding.difference})"
            if finding.difference
            else f"SAME {finding.name}"
        )
        say(word)
        same = same and not finding.difference
    return same
