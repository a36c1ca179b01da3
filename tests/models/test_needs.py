"""What local models say when their packages are absent."""

from __future__ import annotations

import sys

import pytest
from gems.errors import RefusedError
from gems.models.needs import require


def test_what_is_installed_is_enough() -> None:
    require("a test", json="nothing", pytest="pytest")


def test_every_absent_package_is_named_once_and_no_present_one() -> None:
    with pytest.raises(RefusedError) as caught:
        require("diffusers:m", no_such_torch="torch", json="json", no_such_cv2="opencv-python-headless")
    assert str(caught.value) == (
        "diffusers:m needs what is not installed here: pip install torch opencv-python-headless"
    )


def test_looking_imports_nothing() -> None:
    before = set(sys.modules)
    with pytest.raises(RefusedError):
        require("a test", wave="wave", no_such_module="none")
    assert "wave" not in set(sys.modules) - before
