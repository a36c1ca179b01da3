"""What is handed out: an sdist, and the wheel that is built from it as on somebody else's machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOT_SHIPPED = {"build", "dist", "docs", "pictures", "site", "tests", "training"}
IMPORTED = "import gems; from gems import generate; print(gems.__file__)"


def run(*command: str, folder: Path, **variables: str) -> str:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rooms() -> list[Path]:
    """The folders of the checkout that a user gets: those with code, and the data in them."""
    return [
        folder.parent for folder in ROOT.glob("*/__init__.py") if folder.parent.name not in NOT_SHIPPED
    ]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist of the checkout and a wheel built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), ".", folder=ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed in a folder of its own; what GEMS depends on is the environment's."""
    target = tmp_path_factory.mktemp("target")
    wheel = next(distributions.glob("*.whl"))
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    run(*pip, "--target", str(target), str(wheel), folder=target)
    return target


def test_the_wheel_holds_every_file_of_the_shipped_rooms_and_no_other(installed: Path) -> None:
    files = {path for room in rooms() for path in room.rglob("*") if path.is_file()}
    files |= {path for path in ROOT.glob("*.py") if path.name != "setup.py"} | {ROOT / "py.typed"}
    wanted = {
        str(path.relative_to(ROOT))
        for path in files
        if path.name[0] != "." and "__pycache__" not in path.parts
    }
    package = installed / "gems"
    found = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert {name for name in found if "__pycache__" not in name} == wanted


def test_the_wheel_puts_one_name_into_an_environment(installed: Path) -> None:
    names = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert names == {"bin", "gems"}


def test_the_installed_package_is_imported_and_finds_its_data(installed: Path, tmp_path: Path) -> None:
    where = {"PYTHONPATH": str(installed), "GEMS_HOME": str(tmp_path / "home")}
    found = run(sys.executable, "-P", "-c", IMPORTED, folder=tmp_path, **where)
    assert Path(found.strip()) == installed / "gems" / "__init__.py"
    command = str(installed / "bin" / "gems")
    assert "Usage: gems" in run(sys.executable, "-P", command, "--help", folder=tmp_path, **where)
    assert "spatial" in run(sys.executable, "-P", command, "skills", "list", folder=tmp_path, **where)


def test_the_sdist_carries_readme_and_licence(distributions: Path, tmp_path: Path) -> None:
    sdist = next(distributions.glob("*.tar.gz"))
    run("tar", "xzf", str(sdist), folder=tmp_path)
    root = tmp_path / sdist.name.removesuffix(".tar.gz")
    for name in ("README.md", "LICENSE", "pyproject.toml", "setup.py"):
        assert (root / name).read_bytes() == (ROOT / name).read_bytes(), name
