"""How a run of a golden file becomes figures under the file's own names, a function a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from . import crea, dpg, geneval, geneval2, longtext, oneig_alignment, oneig_text, spatial, wise

Run = Mapping[str, Any]
Figures = dict[str, Any]


class RunFigures(NamedTuple):
    """How files of a benchmark begin their ``about``, and what makes a run's figures. The official ones
    are given too: one benchmark's say what its judge saw beyond the input."""

    called: str
    figures: Callable[[Run, Run], Figures]


def geneval2_figures(run: Run, official: Run) -> Figures:
    """From probabilities, or from completions; see ``first_tokens``."""
    items = run["items"]
    probabilities = [item.get("probabilities") for item in items]
    if None in probabilities:
        outside = official.get("tokens_outside_the_twenty") or [None] * len(items)
        probabilities = [
            item_probabilities(item, more) for item, more in zip(items, outside, strict=True)
        ]
    return {
        **geneval2.soft_tifa(probabilities),
        "question_probabilities": probabilities,
        "per_skill_am": geneval2.by_skill([item["skills"] for item in items], probabilities),
        "per_atomicity_gm": geneval2.by_atoms([item["atom_count"] for item in items], probabilities),
    }


def item_probabilities(item: Run, outside: Sequence[Mapping[str, float]] | None) -> list[float]:
    """The probability of each question; ``outside`` are tokens that the server did not list."""
    found = []
    for place, ((question, expected), completion) in enumerate(
        zip(item["vqa_list"], item["completions"], strict=True)
    ):
        tokens = geneval2.first_tokens(completion["choices"][0])
        more = outside[place] if outside else {}
        found.append(geneval2.probability(question, expected, {**more, **tokens}))
    return found


def geneval_figures(run: Run, official: Run) -> Figures:
    """From raw detections, unsorted and with any score."""
    verdicts = [
        [picture_verdict(item["metadata"], picture) for picture in item["images"]]
        for item in run["items"]
    ]
    folders = [
        geneval.Judged(item["metadata"], [verdict for verdict in found if verdict is not None])
        for item, found in zip(run["items"], verdicts, strict=True)
    ]
    return {"correct": verdicts, **geneval.summarize(folders)}


def picture_verdict(metadata: Run, picture: Run) -> bool | None:
    """None for a file whose name the official script passes over."""
    if not geneval.is_judged(picture["file"]):
        return None
    boxes = {
        name: [geneval.Box(tuple(box["box"]), box["score"], box.get("color") or "") for box in found]
        for name, found in picture["detections"].items()
    }
    return geneval.is_correct(metadata, boxes)


def dpg_figures(run: Run, official: Run) -> Figures:
    """From the csv's lines and an answer a crop and proposition."""
    items = dpg.read_items(run["rows"])
    files = {image["file"]: dpg_file(items, image, run["pic_num"]) for image in run["images"]}
    return dpg.summarize(files)


def dpg_file(items: Mapping[str, dpg.Item], image: Run, crops: int) -> dpg.FileScore | None:
    """None where the file fails or no item knows it."""
    item = items.get(dpg.item_of(image["file"]))
    answers = [{int(number): said for number, said in crop.items()} for crop in image["answers"]]
    return dpg.score_file(item, answers[:crops]) if item else None


def oneig_alignment_figures(run: Run, official: Run) -> Figures:
    """From an answer a question and cell that is not black."""
    return oneig_alignment.summarize(
        {f"{item['class']}_{item['id']}": alignment_score(item) for item in run["items"]}
    )


def alignment_score(item: Run) -> float | None:
    """None for a prompt that is left out."""
    cells = sum(cell != "black" for cell in item["cells"]) if len(item["files"]) == 1 else 0
    answers = [
        {name: item["answers"][name][cell] for name in item["question"]} for cell in range(cells)
    ]
    return oneig_alignment.prompt_score(item["dependency"], answers)


def oneig_text_figures(run: Run, official: Run) -> Figures:
    """From a text a cell that is not black."""
    rows = [
        (row["id"], row["text_content"], row["ocr"] if len(row["files"]) == 1 else None)
        for row in run["rows"]
    ]
    limits = {name: oneig_text.token_limit(cell) for name, cell, texts in rows if texts}
    prompts = dict(oneig_text.readings_in_turn(rows))
    return {**oneig_text.summarize(prompts, run["mode"]), "max_new_tokens": limits}


def wise_replies(run: Run) -> dict[int, list[str | None]]:
    """The replies by id, None a call that failed; an id without a picture was not asked about."""
    texts, missing = run["texts"], run.get("missing_images", [])
    asked = {
        int(number): [None if index is None else texts[index] for index in calls]
        for number, calls in run["attempts"].items()
        if int(number) not in missing
    }
    return {**asked, **{number: [] for number in missing}}


def used_texts(run: Run) -> dict[int, str | None]:
    """The texts that some attempt gave."""
    used = {index for calls in run["attempts"].values() for index in calls if index is not None}
    return {index: run["texts"][index] for index in sorted(used)}


def wise_legacy_figures(run: Run, official: Run) -> Figures:
    """Three scores an id."""
    found = {n: wise.first_read(calls, wise.read_legacy) for n, calls in wise_replies(run).items()}
    scores = {number: read for number, read in found.items() if read is not None}
    totals = {number: wise.legacy_score(read) for number, read in scores.items()}
    return {
        "text_parses": {index: wise.read_legacy(text) for index, text in used_texts(run).items()},
        "scores": {n: [read[name] for name in wise.ASPECTS] for n, read in scores.items()},
        "without_score": sorted(set(found) - set(scores)),
        **wise.summarize(totals, wise.LEGACY),
    }


def wise_verified_figures(run: Run, official: Run) -> Figures:
    """One score an id."""
    found = {n: wise.first_read(calls, wise.read_verified) for n, calls in wise_replies(run).items()}
    scores = {number: read for number, read in found.items() if read is not None}
    return {
        "text_parses": {index: wise.read_verified(text) for index, text in used_texts(run).items()},
        "scores": scores,
        "without_score": sorted(set(found) - set(scores)),
        **wise.summarize(scores, wise.VERIFIED),
    }


def longtext_figures(run: Run, official: Run) -> Figures:
    """From a reading a picture."""
    truths = {prompt["prompt_id"]: prompt["text"] for prompt in run["prompts"]}
    return longtext.summarize(
        {
            picture["file"]: longtext.matched_and_total(
                truths[longtext.prompt_id(picture["file"])], picture["ocr_raw"], run["mode"]
            )
            for picture in run["pictures"]
        }
    )


def spatial_figures(run: Run, official: Run) -> Figures:
    """Of a run with replies the accuracies, of one with a folder's listing who goes with whom."""
    if "files" in run:
        return {"pairs": spatial.pairs_by_scene(run["files"], run["items"])}
    ballots = {item["id"]: spatial_ballot(item) for item in run["items"]}
    right = {item["id"]: ballots[item["id"]].right(item["answers"]) for item in run["items"]}
    return {
        "right_per_item": right,
        "calls_made": {name: ballot.calls for name, ballot in ballots.items()},
        **spatial.summarize([verdicts for verdicts in right.values() if verdicts is not None]),
    }


def spatial_ballot(item: Run) -> spatial.Ballot:
    """The votes on an item; a call that raised says nothing."""
    replies = (None if reply == "<error>" else reply for reply in item["replies"])
    return spatial.count_votes(replies, len(item["questions"]))


def crea_figures(run: Run, official: Run) -> Figures:
    """From a reply a picture."""
    return crea.summarize(
        {
            prompt: [crea.read_scores(reply) for reply in replies]
            for prompt, replies in run["answers"].items()
        }
    )


RUNS = {
    "GenEval2": RunFigures("GenEval 2", geneval2_figures),
    "GenEval": RunFigures("GenEval", geneval_figures),
    "DPG": RunFigures("DPG-Bench", dpg_figures),
    "OneIG_alignment": RunFigures("OneIG-Bench alignment", oneig_alignment_figures),
    "OneIG_text": RunFigures("OneIG-Bench text", oneig_text_figures),
    "WISE_legacy": RunFigures("WISE, legacy", wise_legacy_figures),
    "WISE_verified": RunFigures("WISE_Verified", wise_verified_figures),
    "LongText": RunFigures("LongText-Bench", longtext_figures),
    "SpatialGenEval": RunFigures("SpatialGenEval", spatial_figures),
    "CREA": RunFigures("CREA", crea_figures),
}
"""By the name that a file begins with."""
