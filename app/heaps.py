"""The heaps of the C library, which keep what was once needed of them."""

from __future__ import annotations

import ctypes

HEAPS = 2
"""Instead of eight for each core: of Python's threads one runs at a time."""
M_ARENA_MAX = -8
"""The number of glibc's parameter, from its ``malloc.h``."""


def keep_few_heaps() -> None:
    """Has glibc share ``HEAPS`` heaps among all threads that begin from now on; another C library is
    left as it is."""
    try:
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)
    except (AttributeError, OSError, TypeError):
        return
