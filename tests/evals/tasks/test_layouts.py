"""What official scripts find on the disk, file by file, and what is read back from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gems.errors import InputError
from gems.evals.tasks.catalogue import TASKS, open_task
from gems.evals.tasks.plan import TaskPlan, make_plan
from made_up_tasks import DATA, N, draw_by_hand, write_lines, write_table
from PIL import Image

SHARED = Path(__file__).parents[4] / "shared" / "benchmarks" / "data"


def laid_out(name: str, tmp_path: Path, pictures: int | None = None) -> tuple[TaskPlan, Path]:
    data = DATA[name](tmp_path / "data")
    plan = make_plan(open_task(name), data, tmp_path / "out", limit=None, pictures=pictures, seed=0)
    draw_by_hand(plan)
    (folder,) = plan.lay_out()
    return plan, folder


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_geneval2(tmp_path: Path) -> None:
    plan, folder = laid_out("geneval2", tmp_path)
    paths = json.loads((folder / "pictures.json").read_text())
    assert list(paths) == [item.prompt for item in plan.items]
    assert all(Image.open(path).size == (8, 8) for path in paths.values())


def test_geneval(tmp_path: Path) -> None:
    plan, folder = laid_out("geneval", tmp_path)
    samples = [f"samples/{n:04d}.png" for n in range(4)]
    assert files(folder) == [
        f"{n:05d}/{name}" for n in range(N) for name in ["metadata.jsonl", *samples]
    ]
    lines = plan.data.read_text().splitlines()
    for number, line in enumerate(lines):
        assert json.loads((folder / f"{number:05d}" / "metadata.jsonl").read_text()) == json.loads(line)


def test_dpg_is_a_grid_with_the_first_picture_top_left(tmp_path: Path) -> None:
    plan, folder = laid_out("dpg", tmp_path)
    assert files(folder) == sorted(f"made{n}.png" for n in range(N))
    with Image.open(folder / "made0.png") as grid:
        assert (grid.size, grid.mode) == ((16, 16), "RGB")
        shown = plan.shown(plan.records()["base"])["made0"]
        corners = [grid.getpixel(place) for place in ((0, 0), (8, 0), (0, 8), (8, 8))]
    assert corners == [Image.open(path).getpixel((0, 0)) for path in shown]


def test_oneig_is_a_folder_a_class_and_a_model(tmp_path: Path) -> None:
    plan, _ = laid_out("oneig-en", tmp_path)
    root = plan.out / "official" / "images"
    kinds = ("anime", "human", "object", "text")
    assert files(root) == [f"{kind}/base/{n:03d}.png" for kind in kinds for n in range(3)]


def test_a_grid_with_too_few_pictures_is_black_there(tmp_path: Path) -> None:
    plan, _ = laid_out("oneig-en", tmp_path, pictures=3)
    with Image.open(plan.out / "official" / "images" / "text" / "base" / "000.png") as grid:
        assert grid.getpixel((8, 8)) == (0, 0, 0)


def test_wise_longtext_spatial_and_crea(tmp_path: Path) -> None:
    assert "1.png" in files(laid_out("wise-verified", tmp_path / "w")[1])
    longtext = files(laid_out("longtext-zh", tmp_path / "l")[1])
    assert longtext[:5] == ["0000_0.png", "0000_1.png", "0000_2.png", "0000_3.png", "0003_0.png"]
    spatial = files(laid_out("spatialgeneval", tmp_path / "s")[1])
    assert spatial == [f"{n:06d}.png" for n in range(1, N + 1)]
    _, crea = laid_out("crea", tmp_path / "c", pictures=2)
    paths = json.loads((crea / "pictures.json").read_text())
    assert [Path(path).name for path in paths["an inventive door 0"]] == ["000_00.png", "000_01.png"]


def test_spatial_refuses_a_gap_that_would_shift_pictures(tmp_path: Path) -> None:
    plan, _ = laid_out("spatialgeneval", tmp_path)
    shown = plan.shown(plan.records()["base"])
    del shown["000003"]
    with pytest.raises(InputError, match="by position"):
        plan.task.lay_out(shown, plan.items, tmp_path / "again")


@pytest.mark.parametrize("name", DATA)
def test_prompts_are_read_in_order_and_questions_stay_out_of_the_suite(
    name: str, tmp_path: Path
) -> None:
    data = DATA[name](tmp_path / "data")
    plan = make_plan(open_task(name), data, tmp_path / "out", limit=5, pictures=2, seed=0)
    cases = plan.suite.cases
    assert [case.prompt for case in cases] == [item.prompt for item in plan.items] * 2
    assert all(case.metadata == {} for case in cases)
    assert plan.whole == N


@pytest.mark.parametrize("name", sorted(set(DATA) - {"crea", "artimuse"}))
def test_another_file_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("a door\n")
    (tmp_path / "file.jsonl").write_text('{"nothing": 1}\n')
    for path in (tmp_path / "file.jsonl", tmp_path / "nowhere", tmp_path / "file.txt"):
        with pytest.raises(InputError) as caught:
            make_plan(open_task(name), path, tmp_path / "out", limit=None, pictures=None, seed=0)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the official prompt files are not here")
@pytest.mark.parametrize(
    "name,folder",
    [("geneval", "geneval"), ("dpg", "dpg"), ("longtext-en", "longtext"), ("longtext-zh", "longtext")],
)
def test_official_files_have_as_many_prompts_as_the_benchmark(name: str, folder: str) -> None:
    task = open_task(name)
    assert len(task.read(SHARED / folder)) == TASKS[name].size
    assert TASKS[name].size == len({item.id for item in task.read(SHARED / folder)})


def test_verdicts_of_the_detector_are_read_back(tmp_path: Path) -> None:
    plan, folder = laid_out("geneval", tmp_path)
    lines = [
        {
            "filename": str(folder / f"{n:05d}" / "samples" / f"{k:04d}.png"),
            "correct": n % 6 != 0 or k == 0,
        }
        for n in range(N)
        for k in range(4)
    ]
    told = plan.task.read_official(write_lines(tmp_path / "results.jsonl", lines), plan.items)
    assert told["overall"] == pytest.approx((5 + 0.25) / 6)
    assert told["by task"]["single_object"] == pytest.approx(0.25)


def test_dpgs_text_file_is_read_back(tmp_path: Path) -> None:
    plan, _ = laid_out("dpg", tmp_path)
    path = tmp_path / "res.txt"
    path.write_text(
        "a.png, 1.0, 0.5, 0.75\nModel: x\nL1 category scores:\n\tentity: 80.5\nL2 category scores:\n"
        "\tentity - whole: 81.0\nImage path: x\nSave results to: y\nDPG-Bench score: 84.25\n"
    )
    assert plan.task.read_official(path, plan.items) == {
        "DPG score": 84.25,
        "by category": {"entity": 80.5},
        "by detailed category": {"entity - whole": 81.0},
    }
    path.write_text("a.png, 1.0\n")
    with pytest.raises(InputError, match="did not end"):
        plan.task.read_official(path, plan.items)


def test_other_result_files_are_read_back(tmp_path: Path) -> None:
    plan, _ = laid_out("geneval2", tmp_path / "g")
    lists = tmp_path / "lists.json"
    lists.write_text(json.dumps([[0.5, 0.5]] * N))
    assert plan.task.read_official(lists, plan.items)["Soft-TIFA GM"] == pytest.approx(50)
    plan, _ = laid_out("wise-verified", tmp_path / "w")
    scores = write_lines(
        tmp_path / "scores.jsonl", [{"prompt_id": 1, "score": 1}, {"prompt_id": 401, "score": 0}]
    )
    assert plan.task.read_official(scores, plan.items)["by category"]["CULTURE"] == 1
    plan, _ = laid_out("artimuse", tmp_path / "a", pictures=1)
    table = write_table(
        tmp_path / "art.csv",
        [{"image": "x/000_00.png", "score": 40}, {"image": "001_00.png", "score": 50}],
    )
    assert plan.task.read_official(table, plan.items)["mean score"] == 45
    plan, _ = laid_out("oneig-zh", tmp_path / "o")
    style = write_table(tmp_path / "style.csv", [{"": "base", "style": 0.4}])
    assert plan.task.read_official(style, plan.items) == {"style": 0.4}
    with pytest.raises(InputError, match="checkpoint"):
        list(open_task("artimuse").asks(plan.items[0]))


def test_oneigs_rows_are_found_by_the_arm_and_files_by_prompt_are_refused(tmp_path: Path) -> None:
    task = open_task("oneig-en")
    rows = [{"": "base", "ED": 30, "text score": 0.5}, {"": "gems", "ED": 10, "text score": 0.75}]
    table = write_table(tmp_path / "text_score_EN.csv", rows)
    assert task.read_official(table, (), "gems") == {"ED": 10, "text score": 0.75}
    with pytest.raises(InputError, match=r"called 'other': its rows are base, gems"):
        task.read_official(table, (), "other")
    alone = write_table(tmp_path / "alone.csv", rows[:1])
    assert task.read_official(alone, (), "gems")["ED"] == 30
    prompts = write_table(tmp_path / "text_prompt_score_EN.csv", [{"": "000", "gems": 0.5}])
    with pytest.raises(InputError, match="a row a prompt"):
        task.read_official(prompts, (), "gems")


def test_wises_evaluations_longtexts_readings_and_spatials_letters_are_read(tmp_path: Path) -> None:
    task = open_task("wise-legacy")
    lines = [
        {"prompt_id": 1, "evaluation": "Consistency: 2\nRealism: 2\nAesthetic Quality: 2"},
        {"prompt_id": 2, "evaluation": "I cannot say"},
    ]
    full = tmp_path / "full.json"
    full.write_text(json.dumps(lines))
    items = task.read(DATA["wise-legacy"](tmp_path / "w"))
    told = task.read_official(full, items)
    assert told["by category"]["CULTURE"] == pytest.approx(1) and told["without a score"] == N - 1
    longtext = open_task("longtext-en")
    items = longtext.read(DATA["longtext-en"](tmp_path / "l"))
    readings = [{"image_path": "out/0000_0.png", "ocr_results": "a door", "text": ["Open Door"]}]
    path = write_lines(tmp_path / "results.jsonl", readings)
    assert longtext.read_official(path, items) == {"text score": 0.5}
    spatial = open_task("spatialgeneval")
    items = spatial.read(DATA["spatialgeneval"](tmp_path / "s"))
    letters = [{"answers": list("ABCDABCDAB"), "votes": [list("ABCDABCDAC")] * 5} for _ in items]
    told = spatial.read_official(write_lines(tmp_path / "votes.jsonl", letters), items)
    assert told["accuracy"] == pytest.approx(0.9)
    for other in ({"answers": list("ABCDABCDAB")}, {"votes": ["A"]}, {"votes": 5}):
        with pytest.raises(InputError, match="five replies"):
            spatial.read_official(write_lines(tmp_path / "other.jsonl", [other]), items)


@pytest.mark.parametrize(
    "name", ["geneval2", "geneval", "dpg", "wise-legacy", "artimuse", "oneig-en", "longtext-en"]
)
def test_a_result_file_of_something_else_is_refused(name: str, tmp_path: Path) -> None:
    plan, _ = laid_out(name, tmp_path)
    for content in ("[]", '{"a": 1}', "nothing"):
        path = tmp_path / "other.json"
        path.write_text(content)
        with pytest.raises(InputError):
            plan.task.read_official(path, plan.items)


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("wise-legacy", {"prompt_id": 4711, "evaluation": "Consistency: 2"}, "no score of a prompt"),
        ("wise-verified", {"prompt_id": 4711, "score": 1}, "no score of a prompt"),
        ("wise-verified", {"prompt_id": 1, "score": "good"}, "a line cannot be read"),
        ("longtext-en", {"image": "4711_0.png", "ocr": "a door"}, "names no picture of this run"),
    ],
)
def test_a_result_file_of_other_prompts_is_no_figure(
    name: str, line: dict[str, object], said: str, tmp_path: Path
) -> None:
    plan, _ = laid_out(name, tmp_path)
    path = write_lines(tmp_path / "other.jsonl", [line])
    with pytest.raises(InputError, match=said):
        plan.task.read_official(path, plan.items)
