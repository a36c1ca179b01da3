"""Yes and no in the words of models, whatever language they think in, and numbers in their reasons."""

from __future__ import annotations

import re
import unicodedata

CANNOT = (
    "cannot", "can't", "can t", "unclear", "uncertain", "unknown", "unsure",
    "undecided", "maybe", "partially", "partly", "not sure", "not clear",
    "not certain", "not visible", "无法", "無法", "不确定", "不確定", "不清楚", "看不", "难以",
    "難以", "不能", "わかりません", "分かりません", "判断できません", "不明", "모르",
    "알 수 없", "неясно", "не ясно", "невозможно", "не могу", "لا يمكن", "غير واضح",
    "no puedo", "no se puede", "no está claro", "incierto", "impossible", "unklar",
    "nicht erkennbar", "não é possível",
)  # fmt: skip
"""How an answer begins that decides nothing; looked for first, since some begin like a no."""
NO = (
    "no", "none", "nope", "false", "fail", "failed", "fails", "incorrect", "wrong",
    "absent", "not", "n", "否", "不", "没有", "沒有", "没", "无", "無", "错", "錯", "未",
    "いいえ", "ない", "偽", "誤", "아니", "아뇨", "거짓", "틀", "нет", "неверно", "ложь",
    "неправильно", "لا", "خطأ", "كلا", "non", "faux", "nein", "falsch", "nicht", "не",
    "não", "nao", "falso", "nie", "nee", "nej", "hayır", "yanlış", "không", "tidak",
    "salah", "नहीं", "ไม่", "✗", "✘", "❌", "×",
)  # fmt: skip
YES = (
    "yes", "yeah", "yep", "true", "pass", "passed", "passes", "correct", "right",
    "met", "present", "y", "是", "对", "對", "有", "正确", "正確", "符合", "通过", "通過",
    "真", "はい", "ある", "あり", "正しい", "예", "네", "그렇", "맞", "참", "да", "верно",
    "правда", "правильно", "نعم", "صحيح", "أجل", "sí", "si", "sì", "oui", "vrai", "ja",
    "richtig", "wahr", "sim", "verdadeiro", "verdadero", "correcto", "vero", "tak",
    "prawda", "evet", "doğru", "có", "đúng", "ya", "benar", "हाँ", "हां", "सही", "ใช่",
    "✓", "✔", "✅",
)  # fmt: skip
DIGITS = {
    "〇": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
}
DIGITS |= {"八": 8, "九": 9, "十": 10}
NAMES = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
NUMBER = re.compile(
    rf"\d+|\b(?:{'|'.join(NAMES)})\b|[{''.join(DIGITS)}](?=[个個只隻条條张張朵棵颗人つ匹本枚])"
)


def begins_with(text: str, words: tuple[str, ...]) -> bool:
    """Whether ``text`` begins with one of ``words``; those of spaced scripts must end there."""
    for word in words:
        rest = text[len(word) :]
        spaced = word.isascii() or (
            unicodedata.category(word[-1]).startswith("L") and word[-1] < "\u0900"
        )
        if text.startswith(word) and not (spaced and rest[:1].isalpha()):
            return True
    return False


def read_verdict(said: object) -> object:
    """A verdict in a model's own words, by how it begins: ``yes``, ``no``, or ``cannot_tell`` where it
    is neither. What holds no word at all is left as it is, to be refused."""
    text = unicodedata.normalize("NFC", str(said)).casefold().replace("’", "'").replace("_", " ")
    text = re.sub(r"^[^\w✓✔✅✗✘❌×]+", "", text)
    if not re.search(r"[^\W\d]|[✓✔✅✗✘❌×]", text):
        return said
    if begins_with(text, CANNOT):
        return "cannot_tell"
    if begins_with(text, NO):
        return "no"
    return "yes" if begins_with(text, YES) else "cannot_tell"


def plain_verdict(line: str) -> str | None:
    """The verdict that a line of plain words begins with, where it stands apart from what follows:
    "No, two" is one, "No problem" is none."""
    match = re.match(r"[^\w✓✔✅✗✘❌×]*(.+?)(?:\s*[.,;:!?|()*。，、：；！—–]|\s+-|\s*$)", line)
    if match is None:
        return None
    word, verdict = match[1].casefold().replace("’", "'").strip(), str(read_verdict(match[1]))
    if verdict == "cannot_tell":
        return verdict if begins_with(word, CANNOT) and len(word.split()) <= 3 else None
    # Scripts without spaces run on: 是的, はい、あります.
    known = {"yes": YES, "no": NO}.get(verdict)
    if known is None:
        return None
    return verdict if word in known or (word > "\u2e00" and begins_with(word, known)) else None


def number_in(text: str) -> int | None:
    """The first number in ``text``, in digits, English or Chinese; None: there is none."""
    match = NUMBER.search(text.casefold())
    if match is None:
        return None
    word = match[0]
    return int(word[:9]) if word.isdigit() and word.isascii() else NAMES.get(word, DIGITS.get(word))


def counted_share(question: str, reason: str) -> float | None:
    """How near the number that ``reason`` counts is to the one that ``question`` asks for, 0..1: the
    smaller over the larger. None: one of them names none."""
    asked, seen = number_in(question), number_in(reason)
    if asked is None or seen is None:
        return None
    return min(asked, seen) / max(asked, seen, 1)
