"""Which process this is, so that others on the same machine can see whether it is still there."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import NamedTuple

BOOT = Path("/proc/sys/kernel/random/boot_id")


class ProcessName(NamedTuple):
    """A process, told apart from every other, also from a later one of its number."""

    machine: str
    """A boot of a machine, and the name space of its process numbers: a container has its own. Empty
    where that cannot be known; nobody outside can say then whether the process is there."""
    host: str
    """For people to read."""
    pid: int
    started: str
    """Ticks since the boot."""


def this_process() -> ProcessName:
    """The one that asks."""
    try:
        machine = f"{BOOT.read_text().strip()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        machine = ""
    pid = os.getpid()
    return ProcessName(machine, platform.node(), pid, start_of(pid))


def start_of(pid: int) -> str:
    """When a process of this machine began; empty: there is none, or it cannot be known."""
    try:
        # The second field, the program's name in brackets, may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    # 3 of what follows the name: the state; Z and X are dead and not yet buried.
    return "" if fields[0] in "ZX" else fields[19]


def is_gone(process: ProcessName) -> bool:
    """Whether a process is known to have ended; False as well where nobody can know."""
    here = this_process()
    return (
        bool(here.machine)
        and process.machine == here.machine
        and start_of(process.pid) != process.started
    )
