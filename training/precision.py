"""The arithmetic that training runs in: the faster one of what this processor has."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def fast_dtype() -> torch.dtype:
    """bfloat16 where this processor has instructions for its products; elsewhere emulation makes them
    four times slower than plain float32, which is taken then."""
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def autocast() -> AbstractContextManager[object]:
    """Products in ``fast_dtype``."""
    half = fast_dtype() == torch.bfloat16
    return torch.autocast("cpu", torch.bfloat16) if half else nullcontext()
