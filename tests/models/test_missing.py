"""An install without torch and the like: what is asked for, what is missing, what to do."""

from __future__ import annotations

import subprocess
import sys

import pytest
from gems.app.doctor import check_generator, check_installation, check_mllm, examine
from gems.errors import InputError
from gems.models.registry import open_generator, open_mllm
from gems.settings import Settings


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if only servers could be called."""
    for name in ("torch", "diffusers", "transformers", "cv2"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("spec", ["embedded", "diffusers:owner/name"])
def test_a_local_generator_says_what_it_needs(spec: str) -> None:
    with pytest.raises(InputError) as caught:
        open_generator(spec, Settings())
    said = str(caught.value)
    assert said.startswith(f"{spec} needs torch and diffusers and transformers")
    assert "pip install torch diffusers transformers" in said and "pip install ." in said
    assert "[" not in said and "\n" not in said


@pytest.mark.usefixtures("bare")
def test_the_embedded_mllm_says_what_it_needs() -> None:
    with pytest.raises(InputError, match="embedded needs opencv-python-headless"):
        open_mllm("embedded", Settings())


@pytest.mark.usefixtures("bare")
def test_only_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", sys)
    with pytest.raises(InputError, match="needs diffusers and transformers, not"):
        open_generator("embedded", Settings())


def test_servers_need_none_of_it() -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'diffusers', 'transformers', 'cv2'): sys.modules[name] = None\n"
        "from gems.models.registry import open_generator, open_mllm\n"
        "from gems.settings import Settings\n"
        "settings = Settings(mllm_base_url='http://x/v1', generator_base_url='http://x/v1')\n"
        "open_mllm('openai:m', settings), open_generator('openai:m', settings)\n"
        "open_generator('gems-http:http://x', settings)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.usefixtures("bare")
def test_the_doctor_fails_the_model_that_cannot_be_used() -> None:
    states = {finding.what: (finding.state, finding.says) for finding in examine()}
    assert states["generator"][0] == "fail" and "needs torch" in states["generator"][1]
    assert states["mllm"][0] == "fail" and "opencv" in states["mllm"][1]


def test_the_doctor_only_notes_a_package_that_no_configured_model_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from gems.app import doctor

    def version(name: str) -> str:
        if name in {"torch", "diffusers", "chromadb"}:
            raise doctor.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(doctor, "version", version)
    states = {finding.what: finding.state for finding in check_installation(Settings())}
    assert (states["torch"], states["diffusers"], states["chromadb"]) == ("note", "note", "fail")


def test_what_is_embedded_is_a_note_to_the_doctor() -> None:
    settings = Settings(device="cpu")
    (mllm,), (generator,) = check_mllm(settings), check_generator(settings)
    assert mllm.state == generator.state == "note"
    assert "GEMS_MLLM=openai:MODEL" in mllm.says
    assert generator.says.startswith("embedded on cpu in float32, torch ")
