"""Ten thousand rewrites in six scripts: nothing that passes is lost, nothing is asked for twice, and no
negation or literal text is put behind a prompt."""

from __future__ import annotations

import random
from typing import Any

import pytest
from gems.nodes.actions import Cover, Refinement, rewrite
from gems.nodes.coverage import asks_for, is_negation, literals_of, words_of

THINGS = {
    "latin": "cat dog house river marble lantern bridge violin candle mirror".split(),
    "german": "Katze Hund Häuschen Flüsschen Laterne Brücke Geige Kerze Spiegel".split(),
    "cyrillic": "кот собака дом река фонарь мост скрипка свеча зеркало".split(),
    "arabic": "قطة كلب بيت نهر مصباح جسر كمان شمعة مرآة".split(),
    "chinese": "猫咪 小狗 房子 河流 灯笼 石桥 小提琴 蜡烛 镜子".split(),
    "japanese": "ねこ 子犬 家屋 川岸 提灯 石橋 バイオリン ろうそく 鏡台".split(),
}
LOOKS = {
    "latin": "red wooden tiny golden striped".split(),
    "german": "rote hölzerne winzige goldene gestreifte".split(),
    "cyrillic": "красный деревянный крошечный золотой полосатый".split(),
    "arabic": "أحمر خشبي صغير ذهبي مخطط".split(),
    "chinese": "红色的 木制的 微小的 金色的 条纹的".split(),
    "japanese": "赤い 木製の 小さな 金色の 縞模様の".split(),
}
ABSENT = {
    "latin": "no {}", "german": "keine {}", "cyrillic": "без {}", "arabic": "بدون {}",
    "chinese": "没有{}", "japanese": "{}がない",
}  # fmt: skip
SIGN = {
    "latin": 'a sign that says "{}"', "german": 'ein Schild mit „{}“', "cyrillic": "вывеска «{}»",
    "arabic": "لافتة تقول «{}»", "chinese": "写着“{}”的牌子", "japanese": "「{}」と書かれた看板",
}  # fmt: skip
MARKS = {"chinese": "。", "japanese": "、", "arabic": "، "}


def scene(luck: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """A script, and requirements in it: things with looks, something absent, a text."""
    script = luck.choice(sorted(THINGS))
    space = "" if script in ("chinese", "japanese") else " "
    things = luck.sample(THINGS[script], luck.randint(2, 5))
    said = [f"{luck.choice(LOOKS[script])}{space}{thing}" for thing in things]
    kinds = ["object"] * len(said)
    if luck.random() < 0.5:
        said.append(ABSENT[script].format(luck.choice(THINGS[script])))
        kinds.append("other")
    if luck.random() < 0.5:
        said.append(SIGN[script].format(luck.choice(["OPEN 24", "Été", "営業中", "МИР", "سلام"])))
        kinds.append("text")
    requirements = [
        {"id": f"q{n}", "question": f"{text}?", "statement": text, "kind": kind, "parent": None}
        for n, (text, kind) in enumerate(zip(said, kinds, strict=True), 1)
    ]
    return script, requirements


def quoted(text: str, luck: random.Random) -> str:
    """``text`` as a model quotes it: as it is, in marks, in capitals, with dots, or wrongly."""
    forms = [text, f"“{text}”", text.upper(), f"... {text} ...", f"{text}.", "something else"]
    return luck.choice(forms)


def answered(script: str, requirements: list[dict[str, Any]], luck: random.Random) -> Refinement:
    """A rewrite of some of the requirements in another order, with quotes of all."""
    kept = [item for item in requirements if luck.random() < 0.7] or requirements[:1]
    luck.shuffle(kept)
    prompt = MARKS.get(script, luck.choice([", ", ". ", "; "])).join(item["statement"] for item in kept)
    covers = [
        Cover(number=n, quote=quoted(item["statement"], luck))
        for n, item in enumerate(requirements, 1)
        if luck.random() < 0.8
    ]
    return Refinement(action="rewrite", prompt=prompt, covers=covers)


def state_of(requirements: list[dict[str, Any]], luck: random.Random) -> Any:
    values = {
        f"1.0.{item['id']}": {"value": luck.choice(["pass", "pass", "fail"]), "reason": ""}
        for item in requirements
    }
    return {
        "requirements": requirements, "attempts": [{"round": 1, "candidate": 0}], "verdicts": values
    }  # fmt: skip


def check(seed: int) -> None:
    luck = random.Random(seed)
    script, requirements = scene(luck)
    state, answer = state_of(requirements, luck), answered(script, requirements, luck)
    draft = rewrite(state, answer)
    added = draft["prompt"].removeprefix(answer.prompt.rstrip(" .。．,，、;；"))
    verdicts = state["verdicts"]
    passing = [item for item in requirements if verdicts[f"1.0.{item['id']}"]["value"] == "pass"]
    for item in requirements:
        statement, mark = item["statement"], (seed, script, item["statement"], draft["prompt"])
        absent, literal = is_negation(statement), bool(literals_of(statement))
        if item in passing and not absent and not literal:
            assert asks_for(draft["prompt"], item, []), mark  # type: ignore[arg-type]
        if statement in answer.prompt or absent or literal:
            assert statement not in added, mark
        assert draft["prompt"].count(statement) <= 1, mark
    assert not is_negation(added) and not literals_of(added), (seed, draft["prompt"])
    assert set(words_of(answer.prompt)) <= set(words_of(draft["prompt"])), (seed, draft["prompt"])


def test_rewrites_lose_nothing_ask_once_and_deny_nothing() -> None:
    for seed in range(300):
        check(seed)


@pytest.mark.slow
def test_ten_thousand_rewrites_do() -> None:
    for seed in range(10_000):
        check(seed)
