"""Workers of an evaluation as tasks of a Ray cluster: Ray says where they run, leases who does what."""

from __future__ import annotations

import importlib
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, UnreachableError
from ..models.text import clean_text

CONNECT_SECONDS = 10.0
RETRIES = 3
"""How often a worker is started again whose node, or whose process there, has died."""


@dataclass(frozen=True)
class Team:
    """What is asked of a cluster."""

    address: str
    """As ``ray.init`` takes it: auto, HOST:PORT, ray://HOST:10001, or local for this machine alone."""
    workers: int = 2
    gpus: float = 0.0
    """Of each worker."""


def run_workers(
    team: Team, command: Sequence[str], folder: Path, variables: Mapping[str, str]
) -> list[str]:
    """Has every worker run ``gems`` with ``command`` in ``folder``, which its node has to see, and
    waits for them; what those said that failed, a line each.

    Raises:
        InputError: Ray is not installed.
        UnreachableError: there is no such cluster, or it went away.
    """
    ray = import_ray()
    check_address(team.address)
    try:
        ray.init(
            address=team.address,
            runtime_env={"env_vars": dict(variables)},
            log_to_driver=False,
            logging_level="ERROR",
        )
        work = ray.remote(run_worker).options(max_retries=RETRIES, num_gpus=team.gpus)
        jobs = [work.remote(list(command), str(folder)) for _ in range(team.workers)]
        said: list[str] = ray.get(jobs)
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as exc:
        raise UnreachableError(
            f"the Ray cluster {team.address!r} cannot be used: {' '.join(str(exc).split())[:300]}"
        ) from exc
    finally:
        ray.shutdown()
    return [line for line in said if line]


def run_worker(command: Sequence[str], folder: str) -> str:
    """One worker, on whatever node it is sent to; empty, or the last line of what went wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "gems.app.cli", *command], cwd=folder, capture_output=True, text=True
    )
    lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
    return clean_text(lines[-1]) if done.returncode else ""


def check_address(address: str) -> None:
    """Sees whether anybody listens at HOST:PORT, for which Ray itself would wait for minutes.

    Raises:
        UnreachableError: nobody does.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as exc:
        raise UnreachableError(
            f"no Ray cluster answers at {address}: {exc}; give --ray the address of its head"
        ) from exc


def import_ray() -> Any:
    """Ray.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module("ray")
    except ImportError as exc:
        raise InputError(
            "--ray needs what is not installed here: pip install 'gems-agent[ray]'"
        ) from exc
