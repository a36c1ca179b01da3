"""Checks the installation from requirements-api.txt, by the Python that has it (``make test-api``).

Nothing of local models may be there, the size is bounded, and a run against a chat server and an Images
API on loopback must work by the installed command. The times are printed, not asserted: they are the
machine's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from fake_server import FakeServer

ABSENT = ("torch", "transformers", "diffusers", "safetensors", "cv2")
MEGABYTES = 650
SITE = Path(sysconfig.get_path("purelib"))
GEMS = Path(sysconfig.get_path("scripts")) / "gems"


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in an environment without settings but ``variables``."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        command, env={**kept, **variables}, capture_output=True, text=True, check=False, timeout=300
    )


def fastest(*command: str) -> float:
    """Seconds of the fastest of five."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert run(*command).returncode == 0, command
        times.append(time.perf_counter() - start)
    return min(times)


def import_seconds(module: str) -> float:
    """Seconds that an import takes in a fresh Python, its own start left out."""
    timed = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return min(float(run(sys.executable, "-c", timed).stdout) for _ in range(5))


def size() -> dict[str, float]:
    """Megabytes of everything that is installed, by top-level name."""
    sizes: dict[str, float] = {}
    for path in SITE.rglob("*"):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(SITE).parts[0]
            sizes[name] = sizes.get(name, 0) + path.stat().st_size / 1e6
    return sizes


def check_run(home: Path) -> None:
    """The doctor finds no fault, and a whole run over HTTP works, by the command line."""
    with FakeServer() as server:
        variables = {
            "HOME": str(home),
            "GEMS_MLLM": "openai:fake",
            "GEMS_MLLM_BASE_URL": server.base_url,
            "GEMS_GENERATOR": "openai:fake",
            "GEMS_GENERATOR_BASE_URL": server.base_url,
        }
        checked = run(str(GEMS), "doctor", **variables)
        done = run(str(GEMS), "generate", "a cat on a bench", "--seed", "7", "--json", **variables)
    assert checked.returncode == 0, checked.stdout
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["outcome"] == "all_passed" and Path(result["image"]).is_file(), result
    print(f"a run: {result['outcome']} in round {result['best_round']}")


def check_missing(home: Path) -> None:
    """What needs an absent package ends with one line that names it."""
    local = {"GEMS_MLLM": "opencv-python-headless", "GEMS_GENERATOR": "torch diffusers transformers"}
    for setting, names in local.items():
        remote = {"GEMS_MLLM": "openai:fake", "GEMS_GENERATOR": "openai:fake", "OPENAI_API_KEY": "none"}
        chosen = {**remote, setting: "embedded", "HOME": str(home)}
        done = run(str(GEMS), "generate", "a red circle", **chosen)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        assert f"pip install {names}" in done.stderr, done.stderr
        print(f"{setting}=embedded: {done.stderr.strip()}")


def main() -> None:
    """Everything in turn."""
    found = [name for name in ABSENT if find_spec(name)]
    assert not found, f"installed all the same: {found}"
    print(f"gems --help: {fastest(str(GEMS), '--help'):.2f} s")
    for module in ("gems", "gems.graphs.refinement"):
        print(f"import {module}: {import_seconds(module):.3f} s")
    sizes = size()
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
    print(f"site-packages: {sum(sizes.values()):.0f} MB; ", end="")
    print(", ".join(f"{name} {megabytes:.0f}" for name, megabytes in largest))
    assert sum(sizes.values()) <= MEGABYTES, sizes
    with tempfile.TemporaryDirectory() as home:
        check_run(Path(home))
        check_missing(Path(home))


if __name__ == "__main__":
    main()
