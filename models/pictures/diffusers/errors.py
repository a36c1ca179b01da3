"""Our errors for what torch, diffusers and the hub raise: the one place that translates them."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from ....errors import AnswerError, GemsError, RefusedError, UnreachableError

NO_MEMORY = ("out of memory", "allocate memory")
NO_NETWORK = {"ConnectionError", "ConnectError", "NetworkError", "TimeoutError", "TimeoutException"}
"""Class names: the hub's client has changed its HTTP library before."""


def load_error(exc: Exception, name: str, model: str) -> GemsError:
    """Why ``model`` could not be loaded: UnreachableError for the hub's sake, else RefusedError."""
    if out_of_memory(exc):
        return memory_error(name)
    if isinstance(exc, ImportError):
        return RefusedError(f"{name} needs a package that is not here, {one_line(exc)}; install it")
    which = name if model in name else f"{name} ({model})"
    status = hub_status(exc)
    if status == 429 or (status or 0) >= 500 or (status is None and network_failed(exc)):
        return UnreachableError(
            f"{which}: there is no folder {model} here, the hub's cache has no such model, and the hub "
            "did not answer; check the path, the name and the network"
        )
    if status is not None:
        return RefusedError(
            f"{which}: the hub refused with status {status}; check the name, and set HF_TOKEN if the "
            "model asks for a licence or is private"
        )
    return RefusedError(f"{which} cannot be loaded, {one_line(exc)}; download or export it again")


def draw_error(exc: Exception, name: str) -> GemsError:
    """Why a loaded pipeline did not draw. Frees what the failed call still holds."""
    # A traceback keeps the pipeline's tensors for as long as somebody keeps the error.
    for link in chain(exc):
        traceback.clear_frames(link.__traceback__)
    if out_of_memory(exc):
        return memory_error(name)
    if isinstance(exc, (TypeError, ValueError)):
        return RefusedError(
            f"{name}: the pipeline refused the call, {one_line(exc)}; check the size and the model's "
            "own settings"
        )
    return AnswerError(
        f"{name}: drawing failed, {one_line(exc)}; try GEMS_DTYPE=float32 or GEMS_DEVICE=cpu"
    )


def memory_error(name: str) -> RefusedError:
    """The same advice whether weights or pictures did not fit."""
    return RefusedError(
        f"{name}: out of memory; try GEMS_OFFLOAD=model, GEMS_BATCH=1 or a smaller size"
    )


def out_of_memory(exc: Exception) -> bool:
    """Whether memory ran out, the host's or the device's: vendors say so in words more than in
    classes."""
    said = str(exc).casefold()
    return isinstance(exc, MemoryError) or any(words in said for words in NO_MEMORY)


def network_failed(exc: Exception) -> bool:
    """Whether no connection to the hub is among the causes."""
    names = (kind.__name__ for link in chain(exc) for kind in type(link).__mro__)
    return not NO_NETWORK.isdisjoint(names)


def hub_status(exc: Exception) -> int | None:
    """The HTTP status the hub answered with, where that is among the causes."""
    for link in chain(exc):
        status = getattr(getattr(link, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
    return None


def chain(exc: BaseException) -> Iterator[BaseException]:
    """An exception, what caused it, and so on."""
    link: BaseException | None = exc
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def one_line(exc: Exception) -> str:
    """The exception's kind and words, without line breaks."""
    said = " ".join(str(exc).split())
    return f"{type(exc).__name__}: {said[:240]}" if said else type(exc).__name__
