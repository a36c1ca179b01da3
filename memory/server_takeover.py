"""Steps of threads that langgraph-api's own server kept in files of its own, taken over once."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver

from ..errors import StorageError

STEPS, WRITES, BLOBS = (f".langgraph_api/.langgraph_checkpoint.{n}.pckl" for n in (1, 2, 3))
"""What an ``InMemorySaver`` holds, in the order in which langgraph-api names its files."""
TAKEN = ".taken-over"
"""What the names of files end with whose threads were taken over."""
UNREADABLE = (
    OSError, EOFError, pickle.UnpicklingError, ValueError, TypeError, LookupError, AttributeError,
    ImportError,
)  # fmt: skip
"""What reading a file that was cut off or is something else raises."""


async def take_over(folder: Path, saver: BaseCheckpointSaver[Any]) -> int:
    """Stores what a server's folder still has in langgraph-api's files, and puts the files aside. Cut
    off, it does all of it again the next time.

    Returns:
        of how many threads.

    Raises:
        StorageError: a file cannot be read, or the steps cannot be stored.
    """
    old = InMemorySaver()
    old.storage.update(contents(folder / STEPS))
    if not old.storage:
        return 0
    old.writes.update(contents(folder / WRITES))
    old.blobs.update(contents(folder / BLOBS))
    for thread in old.storage:
        for step in reversed(list(old.list({"configurable": {"thread_id": thread}}))):
            await copy_step(step, old, saver)
    # Without the first of the files the others are no threads.
    for name in (STEPS, WRITES, BLOBS):
        (folder / name).replace(folder / f"{name}{TAKEN}")
    return len(old.storage)


def contents(path: Path) -> dict[Any, Any]:
    """What langgraph-api wrote to a file; empty: there is none.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return dict(pickle.load(file))
    except FileNotFoundError:
        return {}
    except UNREADABLE as exc:
        raise unreadable(path, exc) from exc


def unreadable(path: Path, exc: Exception) -> StorageError:
    """What to say of a file that cannot be read."""
    why = " ".join(str(exc).split()) or type(exc).__name__
    return StorageError(
        f"cannot read {path}, where earlier versions kept the steps of threads: {why}; "
        "put back a copy, or move it away to go on without the states of those threads"
    )


async def copy_step(step: CheckpointTuple, old: InMemorySaver, saver: BaseCheckpointSaver[Any]) -> None:
    """Stores one step and what was written on it."""
    here = step.config.get("configurable", {})
    thread, namespace, checkpoint = here["thread_id"], here["checkpoint_ns"], here["checkpoint_id"]
    root: Any = {"configurable": {"thread_id": thread, "checkpoint_ns": namespace}}
    versions = step.checkpoint["channel_versions"]
    await saver.aput(step.parent_config or root, step.checkpoint, step.metadata, versions)
    writes = old.writes.get((thread, namespace, checkpoint), {})
    # What LangGraph itself writes, as interrupts, has numbers below zero and replaces what is there.
    ordered = sorted(writes.items(), key=lambda item: (item[0][0], item[0][1] < 0, item[0][1]))
    for (task, _), group in groupby(ordered, key=lambda item: (item[0][0], item[0][1] < 0)):
        await copy_writes(step, task, [write for _, write in group], old, saver)


async def copy_writes(
    step: CheckpointTuple,
    task: str,
    writes: Sequence[tuple[str, str, tuple[str, bytes], str]],
    old: InMemorySaver,
    saver: BaseCheckpointSaver[Any],
) -> None:
    """Stores what one task wrote on a step."""
    values = [(channel, old.serde.loads_typed(value)) for _, channel, value, _ in writes]
    await saver.aput_writes(step.config, values, task, writes[0][3])
