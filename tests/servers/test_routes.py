"""Pictures, reports, health and metrics beside the graph API, on a server without keys."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from graph_server import GraphServer
from PIL import Image

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def drawn(studio: GraphServer) -> dict[str, Any]:
    result: dict[str, Any] = studio.run(context={"seed": 4})
    return result


def get(studio: GraphServer, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{studio.url}{path}", headers=headers, timeout=30)


def test_a_picture_is_its_file_for_ever_in_parts_and_small(
    studio: GraphServer, drawn: dict[str, Any]
) -> None:
    file = Path(drawn["image"])
    path = f"/gems/pictures/{file.name}"
    assert f"{studio.url}{path}" in drawn["messages"][-1]["content"]
    whole = get(studio, path)
    assert whole.content == file.read_bytes() and whole.headers["content-type"] == "image/png"
    assert "immutable" in whole.headers["cache-control"]
    assert get(studio, path, **{"If-None-Match": whole.headers["etag"]}).status_code == 304
    part = get(studio, path, Range="bytes=1-7")
    assert part.status_code == 206 and part.content == file.read_bytes()[1:8]
    for side in (128, 512):
        small = get(studio, f"{path}?side={side}")
        assert max(Image.open(io.BytesIO(small.content)).size) <= side
        assert small.headers["etag"] != whole.headers["etag"]
    assert get(studio, f"{path}?side=100000").status_code == 422


def test_a_report_is_the_result(studio: GraphServer, drawn: dict[str, Any]) -> None:
    report = get(studio, f"/gems/runs/{drawn['thread_id']}").json()
    shared = report.keys() & drawn.keys() - {"usage"}
    assert len(shared) > 8 and {k: report[k] for k in shared} == {k: drawn[k] for k in shared}
    assert get(studio, "/gems/runs/2b2b2b2b-0000-0000-0000-000000000000").status_code == 404


def test_health_says_that_it_is_up_and_readiness_who_is_away(
    studio: GraphServer, drawn: dict[str, Any]
) -> None:
    assert get(studio, "/gems/health").json()["ok"] is True
    ready = get(studio, "/gems/ready")
    named = {item["what"]: item["state"] for item in ready.json()["backends"]}
    assert ready.status_code == 200 and named["mllm"] == named["generator"] == "ok"


def test_metrics_count_runs_rounds_pictures_calls_tokens_and_failures(
    studio: GraphServer, drawn: dict[str, Any]
) -> None:
    def figures() -> dict[str, float]:
        lines = get(studio, "/gems/metrics").text.splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
        return {name: float(value) for name, value in pairs}

    before = figures()
    result = studio.run()
    with pytest.raises(Exception, match="empty"):
        studio.run(input={"prompt": " "})
    after = figures()

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more("gems_runs_started_total") == 1
    assert more('gems_runs_ended_total{outcome="all_passed"}') == 1
    assert more("gems_rounds_total") == len(result["rounds"]) == 2
    assert more("gems_pictures_total") == 2
    calls = sum(more(name) for name in after if name.startswith("gems_mllm_calls_total"))
    assert calls == result["usage"]["mllm_calls"]
    assert more('gems_tokens_total{direction="input"}') == result["usage"]["input_tokens"]
    assert more('gems_node_seconds_count{node="verifier"}') >= 2
    assert more('gems_failures_total{kind="InputError",node="intake"}') == 1


def test_a_report_is_a_page_that_loads_nothing_else(studio: GraphServer, drawn: dict[str, Any]) -> None:
    answer = get(studio, f"/gems/runs/{drawn['thread_id']}.html")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "round 2" in answer.text and f"{studio.url}/gems/pictures/" in answer.text
    assert str(studio.home) not in answer.text
