"""Opening models by spec: what is built in, what other packages add, and what is not there."""

from __future__ import annotations

import asyncio
import importlib
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.errors import InputError
from gems.models import registry as registry_module
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.models.pictures.generator import Draw
from gems.models.registry import (
    GENERATORS,
    MLLMS,
    Backends,
    Registry,
    open_generator,
    open_judge,
    open_mllm,
)
from gems.settings import Settings

CODE = """
from gems.models.fakes import FakeGenerator, FakeJudge, FakeMLLM

def open_mllm(spec, settings):
    model = FakeMLLM()
    model.name = spec
    return model

def open_generator(spec, settings):
    return FakeGenerator(size=settings.batch)

def open_judge(spec, settings):
    return FakeJudge(name=spec)

def open_broken(spec, settings):
    raise RuntimeError("no licence\\nany more")

def open_nothing(spec, settings):
    return None

nothing = 3
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package on the path: its module, and the metadata that an installer would write."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def package(name: str, entries: str, code: str = CODE) -> None:
        (site / f"{name}.py").write_text(code)
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entries)
        importlib.invalidate_caches()

    return package


def test_a_package_adds_mllms_generators_and_judges(install: Install) -> None:
    install(
        "gemsacme",
        "[gems.mllms]\nacme = gemsacme:open_mllm\n"
        "[gems.generators]\nacme = gemsacme:open_generator\n"
        "[gems.judges]\nacme = gemsacme:open_judge\n",
    )
    settings = Settings(batch=12)
    assert open_mllm("acme:some:model", settings).name == "acme:some:model"
    assert isinstance(open_generator("acme", settings), FakeGenerator)
    judge: Any = open_judge("acme:x", settings)
    assert judge.name == "acme:x"


def test_an_unknown_kind_is_told_which_there_are(install: Install) -> None:
    with pytest.raises(InputError) as caught:
        open_mllm("magic:1", Settings())
    forms = "openai:MODEL, langchain:PROVIDER:MODEL, record:FILE[:SPEC], replay:FILE or embedded"
    assert str(caught.value) == f"no MLLM is called 'magic:1': use {forms}"
    install("gemsacme2", "[gems.mllms]\nacme = gemsacme2:open_mllm\n")
    with pytest.raises(InputError, match="replay:FILE, acme or embedded"):
        open_mllm("magic:1", Settings())


@pytest.mark.parametrize(
    "spec", ["openai", "openai:", "langchain:", "embedded:x", "embedded:", "", ":"]
)
def test_a_built_in_kind_wants_its_own_form(spec: str) -> None:
    with pytest.raises(InputError, match="no MLLM is called"):
        open_mllm(spec, Settings())


def test_a_package_cannot_replace_what_is_built_in(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install("gemsbold", "[gems.mllms]\nembedded = gemsbold:open_mllm\n")
    assert open_mllm("embedded", Settings()).name == "embedded"
    with pytest.raises(InputError):
        open_mllm("magic", Settings())
    assert "gemsbold 1.0" in caplog.text and "'embedded'" in caplog.text


def test_two_packages_with_one_kind_are_both_named(install: Install) -> None:
    for name in ("gemsone", "gemstwo"):
        install(name, f"[gems.generators]\nacme = {name}:open_generator\n")
    with pytest.raises(InputError, match=r"gemsone 1\.0 and gemstwo 1\.0"):
        open_generator("acme:x", Settings())


@pytest.mark.parametrize(
    ("target", "code", "says"),
    [
        ("gemsbroken:open_mllm", "import no_such_module", "ModuleNotFoundError"),
        ("gemsbroken:open_mllm", "raise RuntimeError('two\\nlines')", "two lines"),
        ("gemsbroken:open_mllm", "def broken(:", "SyntaxError"),
        ("gemsbroken:not_there", CODE, "AttributeError"),
        ("gemsbroken:nothing", CODE, "is no function"),
    ],
)
def test_a_broken_package_is_one_line_that_names_it(
    install: Install, monkeypatch: pytest.MonkeyPatch, target: str, code: str, says: str
) -> None:
    monkeypatch.delitem(sys.modules, "gemsbroken", raising=False)
    install("gemsbroken", f"[gems.mllms]\nacme = {target}\n", code)
    with pytest.raises(InputError, match=says) as caught:
        open_mllm("acme", Settings())
    assert "gemsbroken 1.0" in str(caught.value) and "\n" not in str(caught.value)


def test_a_built_in_kind_is_opened_without_looking_at_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry_module, "entry_points", None)
    assert open_mllm("embedded", Settings()).name == "embedded"


@pytest.mark.parametrize("registry", [MLLMS, GENERATORS])
def test_every_row_leads_to_an_opener(registry: Registry[Any]) -> None:
    for target in registry.built_in.values():
        module, _, attribute = target.partition(":")
        loaded = importlib.import_module(f"gems.models.{module}")
        assert callable(operator.attrgetter(attribute)(loaded))


def test_each_model_is_opened_once_and_closed_with_the_backends(
    server: FakeServer, tmp_path: Path
) -> None:
    backends = Backends(settings_for(server, tmp_path))
    generator: Any = backends.generator("openai:fake")
    assert backends.generator("openai:fake") is generator
    assert backends.mllm("openai:fake") is not generator
    asyncio.run(generator.draw([Draw("a cat", 1)]))
    client: Any = vars(generator)["_server"]._client._held[1]
    backends.close()
    assert client.is_closed
    assert backends.generator("openai:fake") is not generator


class Stubborn(FakeMLLM):
    """Cannot be closed."""

    async def aclose(self) -> None:
        raise OSError("stuck")


def test_one_model_that_cannot_be_closed_keeps_no_other_open(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    class Quiet(FakeGenerator):
        async def aclose(self) -> None:
            closed.append(self.name)

    monkeypatch.setattr(registry_module, "open_mllm", lambda spec, settings: Stubborn())
    monkeypatch.setattr(registry_module, "open_generator", lambda spec, settings: Quiet())
    backends = Backends(Settings())
    backends.mllm("a")
    backends.generator("b")
    with pytest.raises(ExceptionGroup, match="could not be closed"):
        asyncio.run(backends.aclose())
    assert closed == ["fake"]


def test_an_opener_that_fails_or_opens_nothing_is_one_line(install: Install) -> None:
    install("acme", "[gems.mllms]\nbroken = gemsacme:open_broken\nnothing = gemsacme:open_nothing\n")
    with pytest.raises(InputError, match="'broken:1' cannot be opened: RuntimeError: no licence"):
        open_mllm("broken:1", Settings())
    with pytest.raises(InputError, match="'nothing' cannot be opened: its package gave None"):
        open_mllm("nothing", Settings())
