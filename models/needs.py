"""What local models need beside the packages that every installation has (see requirements-api.txt)."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import RefusedError


def require(what: str, **packages: str) -> None:
    """Looks whether the modules that ``what`` imports later are installed; imports none of them.

    Args:
        what: who needs them, as the user named it.
        packages: module name = the package that brings it.

    Raises:
        RefusedError: some are not; the message names their packages.
    """
    missing = [package for module, package in packages.items() if find_spec(module) is None]
    if missing:
        raise RefusedError(f"{what} needs what is not installed here: pip install {' '.join(missing)}")
