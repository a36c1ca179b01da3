"""Costs and caps on money on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import gems
from fake_server import FakeServer
from gems.settings import load_settings

PRICES = '["openai:fake"]\ninput = 1000.0\noutput = 5000.0\npicture = 0.5\n'
GENERATE = ("generate", "a cat", "--seed", "3", "--no-memory", "--thread", "mine")


@pytest.fixture(autouse=True)
def models(server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prices.toml").write_text(PRICES)
    for name, value in {
        "GEMS_MLLM": "openai:fake",
        "GEMS_MLLM_BASE_URL": server.base_url,
        "GEMS_GENERATOR": "openai:fake",
        "GEMS_GENERATOR_BASE_URL": server.base_url,
        "GEMS_PRICES": str(tmp_path / "prices.toml"),
    }.items():
        monkeypatch.setenv(name, value)


def test_a_run_out_of_money_says_so_and_goes_on_with_more(tmp_path: Path) -> None:
    said = gems(*GENERATE, "--max-cost", "1.3")
    assert said.exit_code == 0 and "budget" in said.stdout
    assert "of max_cost = 1.30" in said.stdout and "gems resume mine --max-cost" in said.stdout
    assert "cost: 1.3" in gems("show", "mine").stdout
    result = json.loads(gems("resume", "mine", "--max-cost", "9", "--json").stdout)
    assert result["outcome"] == "all_passed"
    assert result["usage"]["cost"] == pytest.approx(2.6)
    assert gems("show", "mine", "--html", str(tmp_path / "mine.html")).exit_code == 0
    page = (tmp_path / "mine.html").read_text()
    assert "cost 2.60" in page and ">1.00</td>" in page
    again = gems("resume", "mine", "--max-cost", "10")
    assert again.exit_code == 1 and "ended as all_passed" in again.stderr


def test_before_the_first_picture_the_error_says_how_to_go_on(server: FakeServer) -> None:
    said = gems(*GENERATE, "--max-cost", "0.3")
    assert said.exit_code == 1 and len(said.stderr.splitlines()) == 1
    assert "max_cost = 0.3" in said.stderr and "gems resume mine --max-cost" in said.stderr
    assert not server.done("image")


def test_without_prices_nothing_is_shown_and_a_cap_is_refused(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMS_PRICES")
    load_settings.cache_clear()
    refused = gems(*GENERATE, "--max-cost", "1")
    assert refused.exit_code == 2 and "'openai:fake'" in refused.stderr and not server.calls
    assert len(refused.stderr.splitlines()) == 1 and "GEMS_PRICES" in refused.stderr
    shown = gems("generate", "a cat", "--seed", "3", "--no-memory")
    assert shown.exit_code == 0 and "cost" not in shown.stdout
    for wrong in ("0", "-1", "nan", "inf"):
        assert gems(*GENERATE, "--max-cost", wrong).exit_code == 2


def test_the_doctor_says_whether_money_can_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def prices() -> list[str]:
        load_settings.cache_clear()
        findings = json.loads(gems("doctor", "--json").stdout)
        return [found["state"] for found in findings if found["what"] == "prices"]

    assert prices() == ["ok"]
    monkeypatch.setenv("GEMS_MLLM", "openai:other")
    assert prices() == ["note"]
    monkeypatch.setenv("GEMS_LIMIT_COST", "1")
    assert prices() == ["fail"]
    monkeypatch.delenv("GEMS_PRICES")
    assert prices() == ["fail"]
    monkeypatch.delenv("GEMS_LIMIT_COST")
    assert prices() == []
