"""Looks whether a model folder is whole, from its small files and the heads of its weights.

What is found here is found by ``gems doctor``, and before a run pays for anything.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from ....errors import RefusedError

INDEX = "model_index.json"
POINTER = b"version https://git-lfs.github.com/spec/"
"""How the small file begins that Git keeps instead of a large one."""
WEIGHTLESS = re.compile(
    r"(Scheduler|Tokenizer(Fast|Backend)?|TokenizersBackend|Processor(Fast)?|Extractor)$"
)
"""Classes of components that have no weights."""
WEIGHTS = re.compile(
    r"(?:model|diffusion_pytorch_model|pytorch_model)(?:\.(?P<variant>[a-z]\w*))?(?:-\d+-of-\d+)?"
    r"(?:\.(?P<legacy>(?!index|safetensors)[a-z]\w*))?\.(?P<kind>safetensors|bin)"
)
LONGEST_HEADER = 100 * 2**20
"""Bytes; the safetensors format allows no more."""


class Component(NamedTuple):
    """One part of a pipeline, as ``model_index.json`` names it."""

    name: str
    library: str
    kind: str
    folder: Path


def check_folder(folder: Path) -> None:
    """Checks that a pipeline's folder has all its parts, and that each is whole.

    Raises:
        RefusedError: something is missing, cut, a pointer, or of a class that is not installed; the
            message names the file and what to do.
    """
    index = read_object(folder / INDEX)
    own_code = any(folder.glob("*.py"))
    kind = index.get("_class_name")
    if isinstance(kind, str) and not own_code:
        check_class("diffusers", kind, folder / INDEX)
    elif not isinstance(kind, str | list):
        raise RefusedError(f"{folder / INDEX} cannot be loaded: it names no class of pipeline")
    parts = list(components(folder, index))
    for part in parts:
        check_component(part, own_code)
    variant = variant_of(parts)
    for part in parts:
        check_weights(part, variant)


def pick_variant(folder: Path) -> str | None:
    """The variant of the weights to load, where a part has no plain ones; None: the plain ones."""
    return variant_of(list(components(folder, read_object(folder / INDEX))))


def components(folder: Path, index: dict[str, Any]) -> Iterator[Component]:
    """The parts that ``index`` names; those it leaves out on purpose are null there."""
    for name, value in index.items():
        if name.startswith("_") or not isinstance(value, list) or len(value) != 2:
            continue
        library, kind = value
        if isinstance(library, str) and isinstance(kind, str):
            yield Component(name, library, kind, folder / name)


def check_component(part: Component, own_code: bool) -> None:
    """Checks one part but for its weights."""
    if not part.folder.is_dir():
        raise RefusedError(
            f"{part.folder} is missing: the model's {part.name} ({part.kind}) belongs there; download "
            "the model again"
        )
    if part.library in {"diffusers", "transformers"} and not own_code:
        check_class(part.library, part.kind, part.folder.parent / INDEX)
    files = sorted(path for path in part.folder.iterdir() if not path.is_dir())
    if not files:
        raise RefusedError(f"{part.folder} is empty: download the model again")
    for path in files:
        check_file(path)


def check_file(path: Path) -> None:
    """Checks that a file is there itself, and that a small one can be read."""
    if not path.exists():
        raise RefusedError(f"{path} is a link to nothing: download the model again")
    with path.open("rb") as file:
        if file.read(len(POINTER)) == POINTER:
            raise RefusedError(
                f"{path} is a Git LFS pointer, not the file itself: run `git lfs pull` in the folder, "
                "or download the model with `hf download`"
            )
    if path.name.endswith(("config.json", "index.json")):
        read_object(path)


def check_weights(part: Component, variant: str | None) -> None:
    """Checks that a part which needs weights has them, all of them and whole."""
    if WEIGHTLESS.search(part.kind):
        return
    by_variant = weights_in(part.folder)
    chosen = by_variant.get(variant) or by_variant.get(None) or []
    if not chosen and not any(part.folder.glob("*.safetensors")) and not any(part.folder.glob("*.bin")):
        raise RefusedError(f"{part.folder} holds no weights: download the model again")
    safe = [path for path in chosen if path.suffix == ".safetensors"]
    for path in safe or chosen:
        check_whole(path)
    for index in part.folder.glob("*.index*.json"):
        check_shards(index, part.folder, safe or chosen)


def check_shards(index: Path, folder: Path, chosen: list[Path]) -> None:
    """Checks that every file an index of weights names is there, where it is ``chosen``'s."""
    named = set(map(str, read_object(index).get("weight_map", {}).values()))
    present = {path.name for path in chosen}
    if absent := sorted(named - present) if named & present or not present else []:
        raise RefusedError(f"{folder / absent[0]} is missing: {index.name} names it; download it again")


def weights_in(folder: Path) -> dict[str | None, list[Path]]:
    """The files of weights by variant; None: the plain ones."""
    found: dict[str | None, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if match := WEIGHTS.fullmatch(path.name):
            found.setdefault(match["variant"] or match["legacy"], []).append(path)
    return found


def variant_of(parts: list[Component]) -> str | None:
    """The variant that the parts without plain weights have in common, fp16 before others."""
    lacking = [set(weights) for part in parts if (weights := weights_of(part)) and None not in weights]
    if not lacking:
        return None
    shared = sorted(str(name) for name in set.intersection(*lacking))
    return "fp16" if "fp16" in shared else next(iter(shared), None)


def weights_of(part: Component) -> dict[str | None, list[Path]]:
    """A part's weights by variant; nothing for a part that has none, or is not there."""
    weightless = WEIGHTLESS.search(part.kind) or not part.folder.is_dir()
    return {} if weightless else weights_in(part.folder)


def check_whole(path: Path) -> None:
    """Checks the length of a file of weights against what its head or its end says."""
    size = path.stat().st_size
    if path.suffix != ".safetensors":
        with path.open("rb") as file:
            zipped = file.read(2) == b"PK"
        if size == 0 or (zipped and not zipfile.is_zipfile(path)):
            raise cut(path, size)
        return
    wanted = safetensors_size(path)
    if wanted is None or size < wanted:
        raise cut(path, size, wanted)


def cut(path: Path, size: int, wanted: int | None = None) -> RefusedError:
    """The error for weights that are not all there."""
    if wanted is None:
        return RefusedError(
            f"{path} cannot be loaded: its {size:,} bytes are no weights; download it again"
        )
    return RefusedError(
        f"{path} cannot be loaded: it is cut, {size:,} of {wanted:,} bytes are there; download it again"
    )


def safetensors_size(path: Path) -> int | None:
    """How long a safetensors file says it is: eight bytes for the length of its header, the header,
    and the tensors whose ends the header tells. None: it is no such file."""
    with path.open("rb") as file:
        head = file.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= LONGEST_HEADER:
            return None
        raw = file.read(length)
    if len(raw) < length:
        return 8 + int(length) if raw.startswith(b"{") else None
    try:
        header = json.loads(raw)
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        return 8 + int(length) + max(ends, default=0)
    except (ValueError, RecursionError, AttributeError, LookupError, TypeError):
        return None


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        RefusedError: there is none.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise RefusedError(f"{path} cannot be read: {exc.strerror or exc}") from exc
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as exc:
        if data.startswith(POINTER):
            raise RefusedError(
                f"{path} is a Git LFS pointer, not the file itself: run `git lfs pull` in the folder"
            ) from exc
        raise RefusedError(f"{path} cannot be loaded: it is no JSON; download it again") from exc
    if not isinstance(value, dict):
        raise RefusedError(f"{path} cannot be loaded: it holds no JSON object; download it again")
    return value


def check_class(library: str, kind: str, index: Path) -> None:
    """Checks that an installed library has a class; torch is not imported for it."""
    if not knows(library, kind):
        raise RefusedError(
            f"{index} names the class {kind}, which {library} {version(library)} does not have: `pip "
            f"install -U {library}`, or choose another model"
        )


def knows(library: str, kind: str) -> bool:
    """Whether ``library`` has the class ``kind``."""
    spec = find_spec(library)
    if library == "diffusers":
        # Its list of classes stands in the text of its first file; importing it would load torch.
        text = Path(spec.origin).read_text("utf-8") if spec and spec.origin else f'"{kind}"'
        return f'"{kind}"' in text
    import transformers

    return kind in dir(transformers) or hasattr(transformers, kind)
