"""Opens models by their specs: ``openai:MODEL``, ``diffusers:PATH``, ``embedded`` and so on.

A vendor is one file that holds its opener, and a row in a table below. Another package adds a kind by
an entry point ``KIND = "package.module:open_function"`` in the group ``gems.mllms``,
``gems.generators`` or ``gems.judges``; the function is given the whole spec (``KIND`` or
``KIND:REST``) and the settings.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import operator
import threading
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ..errors import GemsError, InputError
from ..settings import Settings
from .capabilities import Closeable
from .chat.mllm import MLLM
from .judges.judge import Judge
from .loop import run_blocking
from .pictures.generator import Generator

ModelT = TypeVar("ModelT")
Opener = Callable[[str, Settings], ModelT]

logger = logging.getLogger("gems.models")


class Registry(Generic[ModelT]):
    """The kinds of one sort of model, built in and from packages.

    Args:
        what: the sort, for messages.
        group: the entry points' group.
        built_in: by form (``KIND`` or ``KIND:REST``) the opener, as ``module:attribute`` relative to
            this package; imported when the kind is first opened.
    """

    def __init__(self, what: str, group: str, built_in: Mapping[str, str]) -> None:
        self._what = what
        self._group = group
        self._forms = {form.partition(":")[0]: form for form in built_in}
        self.built_in = dict(built_in)

    def open(self, spec: str, settings: Settings) -> ModelT:
        """The model that ``spec`` names. Loads what it needs, sends nothing.

        Raises:
            InputError: no such kind of model, or it cannot be used as it is installed.
            RefusedError: what the spec names is no model.
        """
        kind, _, rest = spec.partition(":")
        form = self._forms.get(kind)
        if form is None:
            return self._open_from_package(kind, spec, settings)
        if (":" in form and not rest) or (":" not in form and spec != kind):
            raise self._unknown(spec)
        return self._built_in_opener(form)(spec, settings)

    def _open_from_package(self, kind: str, spec: str, settings: Settings) -> ModelT:
        opener = self._from_package(kind, spec)
        try:
            model = opener(spec, settings)
        except GemsError:
            raise
        # Another package's opener may raise anything.
        except Exception as exc:
            reason = " ".join(f"{type(exc).__name__}: {exc}".split())[:300]
            raise InputError(f"the {self._what} {spec!r} cannot be opened: {reason}") from exc
        if not hasattr(model, "name"):
            raise InputError(
                f"the {self._what} {spec!r} cannot be opened: its package gave {model!r} instead of one"
            )
        return model

    def _built_in_opener(self, form: str) -> Opener[ModelT]:
        module, _, attribute = self.built_in[form].partition(":")
        loaded = importlib.import_module(f".{module}", __package__)
        return cast(Opener[ModelT], operator.attrgetter(attribute)(loaded))

    def _from_package(self, kind: str, spec: str) -> Opener[ModelT]:
        found = self._packages().get(kind, [])
        if not found:
            raise self._unknown(spec)
        if len(found) > 1:
            names = " and ".join(sorted(package_of(entry) for entry in found))
            raise InputError(
                f"the packages {names} both add the {self._what} {kind!r}: uninstall one of them"
            )
        return cast(Opener[ModelT], load(found[0], self._what))

    def _packages(self) -> dict[str, list[EntryPoint]]:
        """The entry points by kind, without those that would replace what is built in."""
        kinds: dict[str, list[EntryPoint]] = {}
        for entry in entry_points(group=self._group):
            if entry.name in self._forms:
                logger.warning(
                    "the package %s adds the %s %r, which is built in: it is passed over",
                    package_of(entry),
                    self._what,
                    entry.name,
                )
            else:
                kinds.setdefault(entry.name, []).append(entry)
        return kinds

    def _unknown(self, spec: str) -> InputError:
        known = [*self.built_in, *self._packages()]
        *others, last = sorted(known, key=lambda form: form == "embedded")
        use = f"{', '.join(others)} or {last}" if others else last
        return InputError(f"no {self._what} is called {spec!r}: use {use}")


def package_of(entry: EntryPoint) -> str:
    """The package an entry point is from, with its version."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def load(entry: EntryPoint, what: str) -> Callable[..., Any]:
    """What an entry point leads to.

    Raises:
        InputError: it cannot be imported, or is no function.
    """
    try:
        opener = entry.load()
    # Another package's module may raise anything while it is imported.
    except Exception as exc:
        reason = " ".join(f"{type(exc).__name__}: {exc}".split())[:300]
        raise InputError(
            f"the {what} {entry.name!r} of the package {package_of(entry)} cannot be imported "
            f"({reason}): reinstall the package or remove it"
        ) from exc
    if not callable(opener):
        raise InputError(
            f"the {what} {entry.name!r} of the package {package_of(entry)} is no function: "
            f"{entry.value}; update the package or remove it"
        )
    return cast(Callable[..., Any], opener)


MLLMS: Registry[MLLM] = Registry(
    "MLLM",
    "gems.mllms",
    {
        "openai:MODEL": "chat.openai:OpenAIChat",
        "langchain:PROVIDER:MODEL": "chat.by_name:open_mllm",
        "record:FILE[:SPEC]": "registry:open_recorder",
        "replay:FILE": "registry:open_replay",
        "embedded": "embedded.openers:open_mllm",
    },
)
GENERATORS: Registry[Generator] = Registry(
    "generator",
    "gems.generators",
    {
        "diffusers:MODEL_OR_PATH": "pictures.diffusers.adapter:DiffusersGenerator.open",
        "openai:MODEL": "pictures.openai:OpenAIImages",
        "gems-http:URL": "pictures.gems_http:GemsHttp",
        "embedded": "embedded.openers:open_generator",
    },
)
JUDGES: Registry[Judge] = Registry(
    "judge",
    "gems.judges",
    {"mllm:SPEC": "registry:open_mllm_judge", "embedded": "embedded.openers:open_judge"},
)


def open_mllm(spec: str, settings: Settings) -> MLLM:
    """The MLLM that ``spec`` names; sends nothing yet. Errors: see ``Registry.open``."""
    return MLLMS.open(spec, settings)


def open_generator(spec: str, settings: Settings) -> Generator:
    """The generator that ``spec`` names; a diffusers model loads on its first picture. Errors: see
    ``Registry.open``."""
    return GENERATORS.open(spec, settings)


def open_judge(spec: str, settings: Settings) -> Judge:
    """The judge that ``spec`` names; sends nothing yet. Errors: see ``Registry.open``."""
    return JUDGES.open(spec, settings)


def open_mllm_judge(spec: str, settings: Settings) -> Judge:
    """The judge for ``mllm:SPEC``: another MLLM than the run's own, asked a call a question.

    Raises:
        InputError: there is no such MLLM.
    """
    from .judges.mllm import MLLMJudge

    return MLLMJudge(open_mllm(spec.partition(":")[2], settings))


def open_recorder(spec: str, settings: Settings) -> MLLM:
    """The MLLM for ``record:FILE:SPEC``: another one whose answers are kept in a file; without SPEC it
    is the one of the settings.

    Raises:
        InputError: there is no such MLLM.
        StorageError: the file cannot be written.
    """
    from .chat.recorder import RecordingMLLM

    file, _, wanted = spec.partition(":")[2].partition(":")
    wanted = wanted or settings.mllm
    if not file or wanted.partition(":")[0] == "record":
        raise InputError(f"{spec} names nobody to record: use record:FILE:SPEC, such as openai:MODEL")
    return RecordingMLLM(open_mllm(wanted, settings), Path(file).expanduser())


def open_replay(spec: str, settings: Settings) -> MLLM:
    """The MLLM for ``replay:FILE``: the recorded answers in a file.

    Raises:
        InputError: there are none in it.
    """
    from .chat.replay import ReplayMLLM

    return ReplayMLLM(spec, Path(spec.partition(":")[2]).expanduser())


class Backends:
    """Opens each model once and hands the same one to every run that names it.

    Closing it closes all that it opened; a spec asked for afterwards is opened anew.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: dict[tuple[str, str], Any] = {}

    def mllm(self, spec: str) -> MLLM:
        """The MLLM for ``spec``, opened at the first call. Errors: see ``Registry.open``."""
        return self._once("mllm", spec, open_mllm)

    def generator(self, spec: str) -> Generator:
        """The generator for ``spec``, opened at the first call. Errors: see ``Registry.open``."""
        return self._once("generator", spec, open_generator)

    def judge(self, spec: str) -> Judge:
        """The judge for ``spec``, opened at the first call. Errors: see ``Registry.open``."""
        return self._once("judge", spec, open_judge)

    async def aclose(self) -> None:
        """Closes every model that holds something; see ``Closeable``.

        Raises:
            ExceptionGroup: some could not be closed; the others are.
        """
        with self._lock:
            opened, self._opened = list(self._opened.values()), {}
        closing = [model.aclose() for model in opened if isinstance(model, Closeable)]
        results = await asyncio.gather(*closing, return_exceptions=True)
        if errors := [result for result in results if isinstance(result, Exception)]:
            raise ExceptionGroup("models that could not be closed", errors)

    def close(self) -> None:
        """``aclose`` for callers without an event loop."""
        run_blocking(self.aclose())

    def _once(self, what: str, spec: str, opener: Opener[ModelT]) -> ModelT:
        # Without the lock first: a process may be forked while another thread opens a model.
        model = self._opened.get((what, spec))
        if model is None:
            with self._lock:
                model = self._opened.get((what, spec)) or opener(spec, self._settings)
                self._opened[what, spec] = model
        return cast(ModelT, model)
