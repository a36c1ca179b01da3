"""Public benchmarks in miniature: twelve invented prompts a task in the official schema, pictures that
a loop might have drawn, and what a judge might say."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fake_server import Answer, Call
from gems.evals.records import Record, RecordFile
from gems.evals.tasks.plan import TaskPlan
from PIL import Image

N = 12
WORDS = ("one", "two", "three", "four", "five", "six", "seven")


def write_lines(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return path


def write_table(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def geneval2(folder: Path) -> Path:
    lines = [
        {
            "prompt": f"{WORDS[n % 7]} doors, scene {n}",
            "atom_count": 3 + n % 2,
            "vqa_list": [
                [f"How many doors are in scene {n}?", WORDS[n % 7]],
                ["Is there a door?", "Yes"],
            ],
            "skills": ["count", "object"],
        }
        for n in range(N)
    ]
    return write_lines(folder / "geneval2_data.jsonl", lines)


def geneval(folder: Path) -> Path:
    tags = ("single_object", "two_object", "counting", "colors", "position", "color_attr")
    lines = []
    for n in range(N):
        clause: dict[str, Any] = {"class": f"door{n}", "count": 1}
        line: dict[str, Any] = {
            "tag": tags[n % 6],
            "include": [clause],
            "prompt": f"a photo of door{n}",
        }
        if n % 6 == 2:
            line["exclude"] = [{"class": f"door{n}", "count": 2}]
        if n % 6 == 3:
            clause["color"] = "red"
        if n % 6 == 4:
            line["include"].append({"class": "roof", "count": 1, "position": ["above", 0]})
        lines.append(line)
    return write_lines(folder / "evaluation_metadata.jsonl", lines)


def dpg(folder: Path) -> Path:
    rows = [
        {
            "item_id": "head",
            "proposition_id": 1,
            "dependency": "0",
            "tuple": "global (x)",
            "question_natural_language": "h?",
        }
    ]
    for n in range(N):
        (folder / "prompts").mkdir(parents=True, exist_ok=True)
        (folder / "prompts" / f"made{n}.txt").write_text(f"a long text about door {n}\n")
        for number, parents in ((1, "0"), (2, "1")):
            rows.append(
                {
                    "item_id": f"made{n}",
                    "proposition_id": number,
                    "dependency": parents,
                    "tuple": f"entity - whole (door {number})",
                    "question_natural_language": f"Is part {number} of door {n} there?",
                }
            )
    write_table(folder / "dpg_bench.csv", rows)
    return folder


def oneig(folder: Path, suffix: str, name: str, column: str) -> Path:
    kinds = ("Anime_Stylization", "Portrait", "General_Object", "Text_Rendering")
    rows = [{"category": kinds[n % 4], "id": f"{n // 4:03d}", column: f"door {n}"} for n in range(N)]
    write_table(folder / name, rows)
    questions = {
        f"{n:03d}": {
            "question": json.dumps({"1": "Is it a door?", "2": "Is it red?"}),
            "dependency": json.dumps({"1": [0], "2": [1]}),
        }
        for n in range(3)
    }
    for kind in ("anime", "human", "object"):
        target = folder / "scripts" / "alignment" / "Q_D" / f"{kind}{suffix}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(questions))
    texts = [{"id": f"{n:03d}", "text_content": "['Open Door']"} for n in range(3)]
    write_table(folder / "scripts" / "text" / f"text_content{suffix}.csv", texts)
    return folder


def wise(folder: Path) -> Path:
    ids = [1, 2, 400, 401, 500, 568, 600, 701, 801, 901, 999, 1000]
    lines = [
        {
            "prompt_id": i,
            "Prompt": f"the door of tale {i}",
            "Explanation": f"tale {i} has a red door",
            "Subcategory": "x",
        }
        for i in ids
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wise.json").write_text(json.dumps(lines))
    return folder / "wise.json"


def longtext(folder: Path, name: str) -> Path:
    lines = [
        {
            "category": "sign",
            "length": "short",
            "prompt": f"a sign {n}",
            "text": ["Open Door"],
            "text_length": 2,
            "prompt_id": 3 * n,
        }
        for n in range(N)
    ]
    return write_lines(folder / name, lines)


def spatial(folder: Path) -> Path:
    lines = [
        {
            "id": n,
            "scene": "Yard",
            "prompt": f"a yard {n}",
            "question_type": [f"kind {k}" for k in range(10)],
            "questions": [f"Question {k} about yard {n}? A: a, B: b" for k in range(10)],
            "answers": list("ABCDABCDAB"),
        }
        for n in range(N)
    ]
    return write_lines(folder / "spatial.jsonl", lines)


def prompts(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prompts.txt").write_text("".join(f"an inventive door {n}\n" for n in range(N)))
    return folder / "prompts.txt"


DATA: dict[str, Callable[[Path], Path]] = {
    "geneval2": geneval2,
    "geneval": geneval,
    "dpg": dpg,
    "oneig-en": lambda folder: oneig(folder, "", "OneIG-Bench.csv", "prompt_en"),
    "oneig-zh": lambda folder: oneig(folder, "_zh", "OneIG-Bench-ZH.csv", "prompt_cn"),
    "wise-legacy": wise,
    "wise-verified": wise,
    "longtext-en": lambda folder: longtext(folder, "text_prompts.jsonl"),
    "longtext-zh": lambda folder: longtext(folder, "text_prompts_zh.jsonl"),
    "spatialgeneval": spatial,
    "crea": prompts,
    "artimuse": prompts,
}


def draw_by_hand(plan: TaskPlan, arms: Sequence[str] = ("base",)) -> None:
    """Records and pictures as ``gems eval generate`` leaves them, every picture another one."""
    plan.write()
    file = RecordFile(plan.out / "records.jsonl")
    for row, arm in enumerate(arms):
        for number, case in enumerate(plan.suite.cases):
            name = f"arms/{arm}/images/{arm}{number}.png"
            target = plan.out / name
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (8, 8), (1 + number, 1 + row, 7)).save(target)
            file.append(
                Record(
                    case=case.id, arm=arm, kind=case.kind, prompt=case.prompt, seed=number,
                    thread_id=case.id, outcome="unverified", correct=False, passed=0, total=0,
                    images=1, mllm_calls=9, rounds=1, best_by_round=[0], image=name,
                    image_by_round=[name],
                )
            )  # fmt: skip


def user_text(call: Call) -> str:
    parts = call.body["messages"][-1]["content"]
    return "".join(part.get("text", "") for part in parts)


def tokens(**logprobs: float) -> Answer:
    """A completion of one token with the log-probabilities of tokens, ``_yes`` meaning " yes"."""
    listed = [{"token": name.replace("_", " "), "logprob": value} for name, value in logprobs.items()]
    choice = {
        "index": 0,
        "finish_reason": "length",
        "message": {"role": "assistant", "content": listed[0]["token"]},
        "logprobs": {"content": [{**listed[0], "top_logprobs": listed}]},
    }
    body = {"choices": [choice], "usage": {"prompt_tokens": 50, "completion_tokens": 1}}
    return Answer(data=json.dumps(body).encode(), media="application/json")
