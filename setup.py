"""Says where the package ``gems`` lies: this folder is it, its folders are the subpackages.

For an editable install it is reached by the link ``.editable/gems``, so that a plain path leads to it.
setuptools' own ways for such a layout do not serve: mypy, pyright and editors cannot follow its import
hook, and its tree of links (``editable_mode=strict``) knows a new file only after the next install.
"""

import sys
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def package_dir() -> dict[str, str]:
    """The layout as setuptools wants to know it; makes the link when an editable install asks."""
    link = HERE / ".editable" / "gems"
    if "editable_wheel" not in sys.argv:
        return {"gems": "."}
    link.parent.mkdir(exist_ok=True)
    try:
        link.unlink(missing_ok=True)
        link.symlink_to("..", target_is_directory=True)
    except OSError:  # a Windows that grants no links: the import hook must do
        return {"gems": "."}
    return {"": ".editable"}


subpackages = find_packages(str(HERE), exclude=["training", "training.*"])
setup(
    package_dir=package_dir(),
    packages=["gems", *(f"gems.{name}" for name in subpackages)],
    script_name=__file__,  # by its name setuptools knows that this file is no module of the package
)
