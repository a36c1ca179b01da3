"""How what nodes add to a run's facts joins what is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .state import Spent, Work


def join(left: list[Any], right: list[Any]) -> list[Any]:
    """Reducer: appends ``right``, what is there already as well."""
    return [*left, *right]


def join_new(left: list[str], right: list[str]) -> list[str]:
    """Reducer: appends what is not there yet, so that a repeated warning is one."""
    return [*left, *dict.fromkeys(item for item in right if item not in left)]


def latest(left: str, right: str) -> str:
    """Reducer: replaces, unless by nothing."""
    return right or left


def replace(left: str, right: str) -> str:
    """Reducer: the later of what several nodes of a step say, and of what they said before."""
    return right


def merge(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Reducer: adds keys; of two values for one key ``right``'s counts."""
    return {**left, **right}


def add_spent(left: Spent, right: Spent) -> Spent:
    """Reducer: sums count by count; a run begins with an empty ``left``."""
    added: Spent = {
        "mllm_calls": left.get("mllm_calls", 0) + right["mllm_calls"],
        "images": left.get("images", 0) + right["images"],
        "input_tokens": left.get("input_tokens", 0) + right["input_tokens"],
        "output_tokens": left.get("output_tokens", 0) + right["output_tokens"],
    }
    if (cost := add_cost(left, right)) is not None:
        added["cost"] = cost
    return added


def add_cost(left: Mapping[str, Any], right: Mapping[str, Any]) -> float | None:
    """What two spendings cost together; None: of one that is not known. Nothing costs nothing."""
    costs = [spent.get("cost") for spent in (left, right) if spent]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def add_work(left: dict[str, Work], right: dict[str, Work]) -> dict[str, Work]:
    """Reducer: sums node by node."""
    added: dict[str, Any] = dict(left)
    for node, done in right.items():
        before: dict[str, Any] = dict(left.get(node, {}))
        cost = add_cost(before, done)
        sums = {key: before.get(key, 0) + value for key, value in done.items() if key != "cost"}
        added[node] = {**sums, **({} if cost is None else {"cost": cost})}
    return added


def merge_busy(left: list[list[float]], right: list[list[float]]) -> list[list[float]]:
    """Reducer: the union of time intervals, sorted, overlapping ones made one.

    Nodes that work side by side are counted once, and time between a crash and the resume not at
    all. Gaps under a tenth of a second count as work and keep the list short.
    """
    merged: list[list[float]] = []
    for start, end in sorted([*left, *right]):
        if merged and start <= merged[-1][1] + 0.1:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged
