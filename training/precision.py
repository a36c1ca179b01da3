"""The arithmetic that training runs in: the faster one of what this processor has."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def autocast() -> AbstractContextManager[object]:
    """bfloat16 products where this processor has instructions for them; elsewhere emulation makes
    them four times slower than plain float32, which is used then."""
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.autocast("cpu", torch.bfloat16) if fast else nullcontext()
