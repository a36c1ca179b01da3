"""The heaps of the C library, which keep what was once needed of them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""The numbers of glibc's parameters, from its ``malloc.h``."""
LARGE = 256 * 1024
"""Bytes from which on something, as a picture's pixels, lies outside of the heaps and goes back to the
system; by itself glibc raises that to the largest thing that was ever freed."""
HEAPS = 2
"""Instead of eight for each core: of Python's threads one runs at a time."""


def keep_heaps_small() -> None:
    """Has glibc share ``HEAPS`` heaps among all threads that begin from now on, and keep nothing
    ``LARGE`` in them; another C library is left as it is."""
    mallopt = function_of_glibc("mallopt")
    if mallopt is not None:
        mallopt(M_ARENA_MAX, HEAPS)
        mallopt(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Has glibc give back to the system what is free in the middle of its heaps; another C library is
    left as it is. Takes milliseconds, in which other threads of Python run."""
    trim = function_of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def function_of_glibc(name: str) -> Callable[..., int] | None:
    """A function of the process's C library; None: it has none of that name."""
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
    return found
