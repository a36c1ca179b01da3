"""Says which packages are missing where a plain install was made without them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from ..errors import InputError

LOCAL_PICTURES = {"torch": "torch", "diffusers": "diffusers", "transformers": "transformers"}
"""What local pipelines import, and the package that each import is installed by."""
LOCAL_EYE = {"cv2": "opencv-python-headless", "numpy": "numpy"}
"""What the embedded MLLM looks at pictures with."""


def require(spec: str, packages: Mapping[str, str]) -> None:
    """Checks that what ``spec`` needs can be imported; imports nothing.

    Args:
        packages: by the name of the import, the name of the package.

    Raises:
        InputError: something is missing.
    """
    absent = [package for module, package in packages.items() if find_spec(module) is None]
    if absent:
        raise InputError(
            f"{spec} needs {' and '.join(absent)}, not installed here: run `pip install "
            f"{' '.join(absent)}`, or `pip install .` in the checkout for all that local models need"
        )
