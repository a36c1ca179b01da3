"""Heaps of the C library in a process of many threads."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, sys, threading
{}
together = threading.Barrier(16)
def fill():
    kept = [bytes(3000) for _ in range(500)]
    together.wait(30)
threads = [threading.Thread(target=fill) for _ in range(16)]
[t.start() for t in threads]
[t.join() for t in threads]
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="another C library than glibc"
)
def test_threads_share_few_heaps() -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("MALLOC_", "GLIBC_"))}
    counts = []
    for first in ("", "from gems.app.heaps import keep_heaps_small\nkeep_heaps_small()"):
        command = [sys.executable, "-c", HEAPS.format(first)]
        ended = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=120, check=True
        )
        counts.append(ended.stdout.count("<heap nr="))
    assert counts[0] > 2 >= counts[1], counts


FREED = """
import sys
from pathlib import Path
from gems.app.heaps import give_back
def holds():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
kept = [bytes(3000) for _ in range(40_000)]
last = kept[::1000]
del kept
before = holds()
give_back()
print(before - holds())
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc"
)
def test_what_is_free_between_what_is_not_goes_back_to_the_system() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FREED], capture_output=True, text=True, timeout=120, check=True
    )
    assert float(ended.stdout) > 60
