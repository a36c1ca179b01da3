"""The diffusers adapter over real pipelines at tiny size."""

from __future__ import annotations

import asyncio
import functools
import io
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

import tiny_pipelines as tiny
from gems.errors import AnswerError, GemsError, InputError, RefusedError, UnreachableError
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.diffusers.call import guidance_name, interpolate_sigmas
from gems.models.pictures.diffusers.errors import load_error
from gems.models.pictures.generator import Draw, Picture
from gems.models.pictures.presets import Preset
from gems.models.registry import open_generator
from gems.settings import Settings

FAMILIES = ["z-image", "qwen-image", "stable-diffusion", "enlarged"]
SMALL = Preset(size=(16, 16), steps=3, guidance=2.0, call={"max_sequence_length": 64})
SHORT = "a cat"
LONG = "a considerably longer prompt, about a cat and a red hat"


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return tiny.save_all(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def opened(folders: dict[str, Path]) -> Iterator[dict[str, DiffusersGenerator]]:
    """A generator of each family, batches of up to 4 unless its folder says otherwise."""
    home = Settings(home=Path("unused"))
    made = {name: DiffusersGenerator.open(f"diffusers:{path}", home) for name, path in folders.items()}
    yield made
    for generator in made.values():
        generator.close()


@pytest.fixture
def hand_in() -> Iterator[Callable[..., DiffusersGenerator]]:
    """Makes generators of pipelines at hand, and closes them."""
    made: list[DiffusersGenerator] = []

    def build(pipeline: Any, preset: Preset = SMALL, **settings: Any) -> DiffusersGenerator:
        chosen = Settings(home=Path("unused"), **settings)
        made.append(DiffusersGenerator(pipeline=pipeline, settings=chosen, preset=preset))
        return made[-1]

    yield build
    for generator in made:
        generator.close()


def run(work: Coroutine[Any, Any, list[Picture]]) -> list[np.ndarray[Any, Any]]:
    """What ``draw`` returns, as arrays of int."""
    return [pixels(picture) for picture in asyncio.run(work)]


def pixels(picture: Picture) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.format == "PNG"
        return np.asarray(image).astype(int)


def difference(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> int:
    return int(np.abs(one - other).max())


# Pictures


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_gives_the_same_picture_alone_and_among_others(
    opened: dict[str, DiffusersGenerator], family: str
) -> None:
    generator = opened[family]
    draws = [Draw(SHORT, 1), Draw(LONG, 2), Draw("dog", 3)]

    together = run(generator.draw(draws))
    alone = [run(generator.draw([draw]))[0] for draw in draws[:2]]

    side = 64 if family == "enlarged" else 16
    assert together[0].shape == (side, side, 3)
    assert difference(alone[0], together[0]) <= 2
    assert difference(alone[1], together[1]) <= 2


@pytest.mark.parametrize("family", FAMILIES)
def test_prompt_and_seed_both_show(opened: dict[str, DiffusersGenerator], family: str) -> None:
    draws = [Draw(SHORT, 1), Draw(SHORT, 1), Draw(LONG, 1), Draw(SHORT, 2)]
    first, again, other_prompt, other_seed = run(opened[family].draw(draws[:3])) + run(
        opened[family].draw(draws[3:])
    )
    assert difference(first, again) <= 2
    assert difference(first, other_prompt) > 2
    assert difference(first, other_seed) > 2


def test_a_picture_carries_its_seed_even_beyond_what_torch_takes(
    opened: dict[str, DiffusersGenerator],
) -> None:
    seeds = [7, -1, 2**70]
    pictures = asyncio.run(opened["z-image"].draw([Draw(SHORT, seed) for seed in seeds]))
    assert [picture.seed for picture in pictures] == seeds


def test_nothing_to_draw_is_nothing_drawn(opened: dict[str, DiffusersGenerator]) -> None:
    assert asyncio.run(opened["z-image"].draw([])) == []


# Sizes


def test_a_requested_size_is_drawn(opened: dict[str, DiffusersGenerator]) -> None:
    (picture,) = run(opened["z-image"].draw([Draw(SHORT, 1, width=24)]))
    assert picture.shape == (16, 24, 3)


@pytest.mark.parametrize("size", [(16, 16), (32, None), (None, 48)])
def test_a_model_of_one_size_enlarges_by_whole_numbers(
    opened: dict[str, DiffusersGenerator], size: tuple[int | None, int | None]
) -> None:
    (picture,) = run(opened["enlarged"].draw([Draw(SHORT, 1, *size)]))
    side = size[0] or size[1]
    assert picture.shape == (side, side, 3)


@pytest.mark.parametrize(
    ("family", "size", "says"),
    [
        ("z-image", (18, 16), "16 or 20"),
        ("qwen-image", (16, 1), "8 or 16"),
        ("enlarged", (40, 40), "64x64"),
        ("enlarged", (32, 64), "64x64"),
        ("enlarged", (8, 8), "64x64"),
        ("enlarged", (16_000, None), "64x64"),
    ],
)
def test_a_size_it_cannot_draw_is_refused_and_spoils_no_other(
    opened: dict[str, DiffusersGenerator], family: str, size: tuple[int, int | None], says: str
) -> None:
    async def both() -> list[Any]:
        good = opened[family].draw([Draw(SHORT, 1)])
        bad = opened[family].draw([Draw(SHORT, 1, *size)])
        return await asyncio.gather(good, bad, return_exceptions=True)

    pictures, error = asyncio.run(both())
    assert len(pictures) == 1
    assert isinstance(error, InputError)
    assert says in one_line(error)


# Progress and cancelling


@pytest.mark.parametrize("family", FAMILIES)
def test_every_step_is_reported(opened: dict[str, DiffusersGenerator], family: str) -> None:
    steps: list[tuple[int, int]] = []
    asyncio.run(opened[family].draw([Draw(SHORT, 1)], lambda *step: steps.append(step)))
    # Stable Diffusion's own scheduler, PNDM, takes one step more than asked for.
    total = 4 if family == "stable-diffusion" else 3
    assert steps == [(done, total) for done in range(1, total + 1)]


def test_progress_over_several_batches_never_runs_backwards(
    opened: dict[str, DiffusersGenerator],
) -> None:
    steps: list[int] = []
    draws = [Draw(SHORT, seed) for seed in range(6)]
    asyncio.run(opened["z-image"].draw(draws, lambda done, total: steps.append(done)))
    assert steps == [1, 2, 3]


def test_a_failing_progress_callback_costs_no_picture(
    opened: dict[str, DiffusersGenerator], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(done: int, total: int) -> None:
        raise RuntimeError("the terminal is gone")

    assert len(asyncio.run(opened["z-image"].draw([Draw(SHORT, 1)], fail))) == 1
    assert "progress callback" in caplog.text


def test_cancelling_stops_at_the_next_step_and_the_next_draw_works(
    hand_in: Callable[..., DiffusersGenerator],
) -> None:
    pipeline = tiny.z_image()
    forwards: list[None] = []
    pipeline.transformer.register_forward_pre_hook(lambda *_: forwards.append(None))
    generator = hand_in(pipeline, generator_steps=500)

    async def cancelled() -> None:
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(
            generator.draw(
                [Draw(SHORT, 1), Draw(LONG, 2)], lambda *_: loop.call_soon_threadsafe(begun.set)
            )
        )
        queued = asyncio.create_task(generator.draw([Draw(SHORT, 3, width=24)]))
        await begun.wait()
        task.cancel()
        queued.cancel()
        await asyncio.gather(task, queued, return_exceptions=True)
        assert task.cancelled()
        assert queued.cancelled()

    asyncio.run(cancelled())
    generator._settings = Settings(home=Path("unused"), generator_steps=1)
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1
    assert len(forwards) < 250


def test_one_cancelled_request_leaves_the_others_in_its_batch_alone(
    hand_in: Callable[..., DiffusersGenerator],
) -> None:
    generator = hand_in(tiny.z_image())
    expected = run(generator.draw([Draw(SHORT, 1)]))
    told: list[int] = []

    async def one_of_two() -> list[Picture]:
        begun, loop, go_on = asyncio.Event(), asyncio.get_running_loop(), threading.Event()

        def hold(done: int, total: int) -> None:
            loop.call_soon_threadsafe(begun.set)
            go_on.wait(20)

        kept = asyncio.create_task(generator.draw([Draw(SHORT, 1)], hold))
        dropped = asyncio.create_task(
            generator.draw([Draw(LONG, 2)], lambda done, total: told.append(done))
        )
        await begun.wait()
        dropped.cancel()
        await asyncio.gather(dropped, return_exceptions=True)
        go_on.set()
        return await kept

    assert difference(run(one_of_two())[0], expected[0]) <= 2
    assert told == []


# Batches


def test_draws_of_many_threads_and_loops_are_merged_into_batches(
    hand_in: Callable[..., DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = record_batches(monkeypatch)
    generator = hand_in(tiny.z_image(), batch=4)
    begun, go_on = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        begun.set()
        go_on.wait(20)

    results: dict[int, list[Picture]] = {}

    def draw(first_seed: int, on_step: Any = None) -> None:
        draws = [Draw(f"{SHORT} {seed}", seed) for seed in range(first_seed, first_seed + 2)]
        results[first_seed] = asyncio.run(generator.draw(draws, on_step))

    threads = [threading.Thread(target=draw, args=(0, hold))]
    threads[0].start()
    assert begun.wait(20)
    threads += [threading.Thread(target=draw, args=(seed,)) for seed in (10, 20, 30)]
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: generator._worker._queue.qsize() == 6)
    go_on.set()
    for thread in threads:
        thread.join(30)

    assert batches == [2, 4, 2]
    seeds = {first: [picture.seed for picture in found] for first, found in results.items()}
    assert seeds == {first: [first, first + 1] for first in (0, 10, 20, 30)}


def test_concurrent_draws_on_an_idle_worker_meet(
    hand_in: Callable[..., DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = record_batches(monkeypatch)
    generator = hand_in(tiny.z_image(), batch=8)

    async def at_once() -> None:
        await asyncio.gather(*(generator.draw([Draw(SHORT, seed)]) for seed in range(5)))

    asyncio.run(at_once())
    assert sum(batches) == 5
    assert len(batches) <= 2


@pytest.mark.parametrize(("settings", "batches"), [({}, [3, 1]), ({"batch": 2}, [2, 2])])
def test_a_model_may_name_its_batch_and_the_user_has_the_last_word(
    hand_in: Callable[..., DiffusersGenerator],
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, int],
    batches: list[int],
) -> None:
    seen = record_batches(monkeypatch)
    generator = hand_in(tiny.z_image(), SMALL.model_copy(update={"batch": 3, "steps": 1}), **settings)
    asyncio.run(generator.draw([Draw(SHORT, seed) for seed in range(4)]))
    assert seen == batches


# Loading


def test_importing_the_adapter_loads_neither_torch_nor_diffusers() -> None:
    code = (
        "import sys, gems.models.pictures.diffusers.adapter as d; from gems.settings import Settings;"
        "d.DiffusersGenerator.open('diffusers:owner/name', Settings());"
        "sys.exit(bool({'torch', 'diffusers', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_leaving_python_while_drawing_does_not_crash(folders: dict[str, Path]) -> None:
    code = f"""
import asyncio
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.generator import Draw
from gems.settings import Settings
generator = DiffusersGenerator.open("diffusers:{folders["z-image"]}", Settings(generator_steps=5000))
async def main():
    begun, loop = asyncio.Event(), asyncio.get_running_loop()
    task = asyncio.create_task(
        generator.draw([Draw("a", 1)], lambda *_: loop.call_soon_threadsafe(begun.set))
    )
    await begun.wait()
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, timeout=90, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda root: root / "nowhere", "there is no model folder"),
        (lambda root: root, "model_index.json is missing"),
        (lambda root: with_settings(root, '{"stepps": 3}'), "stepps"),
        (lambda root: with_settings(root, '{"steps": 0}'), "steps"),
        (lambda root: with_settings(root, "{"), "gems.json"),
    ],
)
def test_a_path_that_cannot_be_a_model_is_refused_before_anything_loads(
    tmp_path: Path, build: Callable[[Path], Path], says: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        open_generator(f"diffusers:{build(tmp_path)}", Settings(home=tmp_path))
    assert says in one_line(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("spec", ["./nope", "~/nope", "nope", "a/b/c", "owner/"])
def test_what_looks_like_a_path_is_not_asked_from_the_hub(spec: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="there is no model folder"):
        open_generator(f"diffusers:{spec}", Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (("transformer/diffusion_pytorch_model.safetensors", b"not weights"), "cannot be loaded"),
        (("transformer/config.json", b"{"), "cannot be loaded"),
        (("gems.json", b'{"call": {"colour": 1}}'), "'colour'"),
        (("model_index.json", b'{"_class_name": "NoSuchPipeline"}'), "NoSuchPipeline"),
        (("model_index.json", b'{"_class_name": "AutoencoderKL"}'), "cannot be loaded"),
    ],
)
def test_a_broken_model_is_one_line_and_can_be_tried_again(
    folders: dict[str, Path], tmp_path: Path, damage: tuple[str, bytes], says: str
) -> None:
    folder = Path(shutil.copytree(folders["z-image"], tmp_path / "broken"))
    generator = DiffusersGenerator.open(f"diffusers:{folder}", Settings(home=tmp_path))
    intact = (folder / damage[0]).read_bytes()
    (folder / damage[0]).write_bytes(damage[1])
    with pytest.raises(RefusedError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert says in one_line(caught.value)

    (folder / damage[0]).write_bytes(intact)
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1
    generator.close()


def test_a_hub_that_cannot_be_reached_is_unreachable(tmp_path: Path) -> None:
    generator = DiffusersGenerator.open("diffusers:gems-test-owner/none", Settings(home=tmp_path))
    with pytest.raises(UnreachableError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert "gems-test-owner/none" in one_line(caught.value)
    generator.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, RefusedError), (401, RefusedError), (429, UnreachableError), (503, UnreachableError)],
)
def test_the_status_of_the_hub_decides_the_error(status: int, kind: type[GemsError]) -> None:
    request = httpx.Request("GET", "http://hub/api/models/owner/name")
    answer = httpx.HTTPStatusError("no", request=request, response=httpx.Response(status))
    error = OSError("Cannot load model owner/name:\nnot cached")
    error.__cause__ = answer
    found = load_error(error, "diffusers:owner/name", "owner/name")
    assert type(found) is kind
    assert "owner/name" in one_line(found)


def test_the_check_says_what_and_where_without_loading(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    spec = f"diffusers:{folders['z-image']}"
    generator = DiffusersGenerator.open(spec, Settings(home=tmp_path, device="cpu"))
    says = asyncio.run(generator.check()).says
    assert all(part in says for part in (spec, "cpu", "float32", torch.__version__))
    assert generator._ready is None


def test_a_closed_generator_says_so(hand_in: Callable[..., DiffusersGenerator]) -> None:
    generator = hand_in(tiny.z_image())
    generator.close()
    with pytest.raises(RefusedError, match="closed"):
        asyncio.run(generator.draw([Draw(SHORT, 1)]))


# Devices and memory


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_settings_choose_the_dtype(folders: dict[str, Path], tmp_path: Path, dtype: Any) -> None:
    settings = Settings(home=tmp_path, dtype=dtype, device="cpu")
    generator = DiffusersGenerator.open(f"diffusers:{folders['stable-diffusion']}", settings)
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1
    assert generator._ready is not None
    assert generator._ready[0].unet.dtype is getattr(torch, dtype)
    generator.close()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"device": "tpu"}, "GEMS_DEVICE=tpu"),
        ({"device": "cpu:x"}, "GEMS_DEVICE=cpu:x"),
        ({"device": "cpu", "offload": "model"}, "GEMS_OFFLOAD=model"),
        ({"device": "cpu", "offload": "sequential"}, "GEMS_OFFLOAD=sequential"),
    ],
)
def test_a_device_that_is_not_there_is_refused(
    folders: dict[str, Path], tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    generator = DiffusersGenerator.open(
        f"diffusers:{folders['z-image']}", Settings(home=tmp_path, **settings)
    )
    with pytest.raises(RefusedError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert says in one_line(caught.value)
    generator.close()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_cuda_that_torch_lacks_is_refused(tmp_path: Path) -> None:
    generator = DiffusersGenerator("owner/name", Settings(home=tmp_path, device="cuda:0"))
    with pytest.raises(RefusedError, match="GEMS_DEVICE=cuda:0"):
        asyncio.run(generator.check())


def test_too_little_memory_comes_with_advice(hand_in: Callable[..., DiffusersGenerator]) -> None:
    pipeline = tiny.z_image()
    generator = hand_in(pipeline)
    hook = pipeline.transformer.register_forward_pre_hook(lambda *_: torch.empty(2**50) and None)
    with pytest.raises(RefusedError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert "GEMS_OFFLOAD=model" in one_line(caught.value)
    hook.remove()
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1


def test_numbers_that_are_no_colours_are_an_error(hand_in: Callable[..., DiffusersGenerator]) -> None:
    pipeline = tiny.z_image()
    with torch.no_grad():
        pipeline.transformer.x_pad_token.fill_(float("nan"))
        pipeline.transformer.cap_pad_token.fill_(float("nan"))
    with pytest.raises(AnswerError) as caught:
        asyncio.run(hand_in(pipeline).draw([Draw(SHORT, 5)]))
    assert "seed 5" in one_line(caught.value)


# Presets


def test_qwen_image_is_given_the_blank_negative_prompt_it_needs(
    opened: dict[str, DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = record_calls(monkeypatch, tiny.QwenImagePipeline)
    asyncio.run(opened["qwen-image"].draw([Draw(SHORT, 1), Draw(LONG, 2)]))
    assert calls[0]["negative_prompt"] == [" ", " "]
    assert calls[0]["true_cfg_scale"] == 4.0
    assert "guidance_scale" not in calls[0]


def test_only_qwen_image_names_its_guidance_otherwise() -> None:
    # Flux has both names; its true_cfg_scale without a negative prompt would do nothing.
    assert guidance_name(type("FluxPipeline", (), {})()) == "guidance_scale"


def test_settings_come_before_the_preset(
    hand_in: Callable[..., DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = record_calls(monkeypatch, tiny.ZImagePipeline)
    generator = hand_in(tiny.z_image(), generator_steps=2, generator_guidance=0.0)
    asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert (calls[0]["num_inference_steps"], calls[0]["guidance_scale"]) == (2, 0.0)


def test_other_steps_keep_the_curve_of_the_models_own_sigmas(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, generator_steps=5)
    generator = DiffusersGenerator.open(f"diffusers:{folders['enlarged']}", settings)
    steps: list[int] = []
    asyncio.run(generator.draw([Draw(SHORT, 1)], lambda done, total: steps.append(total)))
    assert steps == [5] * 5
    generator.close()
    np.testing.assert_allclose(interpolate_sigmas([1.0, 0.75, 0.5, 0.25], 2), [1.0, 0.5])
    assert interpolate_sigmas([1.0, 0.8], 2).dtype == np.float32


# What the tests share


def one_line(error: GemsError) -> str:
    said = str(error)
    assert "\n" not in said
    return said


def with_settings(folder: Path, text: str) -> Path:
    (folder / "model_index.json").write_text("{}")
    (folder / "gems.json").write_text(text)
    return folder


def record_calls(monkeypatch: pytest.MonkeyPatch, kind: Any) -> list[dict[str, Any]]:
    """The arguments of every call of a pipeline class from now on."""
    calls: list[dict[str, Any]] = []
    real = kind.__call__

    @functools.wraps(real)
    def call(self: Any, **arguments: Any) -> Any:
        # The pipeline writes its templates into the list of prompts.
        calls.append({**arguments, "prompt": list(arguments["prompt"])})
        return real(self, **arguments)

    monkeypatch.setattr(kind, "__call__", call)
    return calls


def record_batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures each call of a Z-Image pipeline draws."""
    batches: list[int] = []
    real = tiny.ZImagePipeline.__call__

    @functools.wraps(real)
    def call(self: Any, **arguments: Any) -> Any:
        batches.append(len(arguments["prompt"]))
        return real(self, **arguments)

    monkeypatch.setattr(tiny.ZImagePipeline, "__call__", call)
    return batches


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come true")
