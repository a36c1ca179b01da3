"""Real servers, started by the tests that need them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_server import FakeServer
from graph_server import GraphServer


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphServer]:
    """One graph server for all tests of a module."""
    with FakeServer() as fake:
        server = GraphServer(tmp_path_factory.mktemp("studio"), fake)
        try:
            yield server
        finally:
            server.process.stop()


@pytest.fixture(autouse=True)
def sensible_models(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test's script outlives it."""
    yield
    if "studio" in request.fixturenames:
        fake = request.getfixturevalue("studio").fake
        fake.script = fake.image_script = None
        fake.latency = dict.fromkeys(fake.latency, 0.0)
