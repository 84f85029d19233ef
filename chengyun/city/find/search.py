"""One question to all finders, one ranked list of answers."""

from collections.abc import Collection, Sequence

from chengyun.city.find.finder import Found, Question
from chengyun.city.find.registry import REGISTER
from chengyun.city.find.text import checked, words_of
from chengyun.core.access import Scope
from chengyun.core.problems import Invalid


def kinds_of(text: str | None) -> tuple[str, ...]:
    """The kinds that a request names with commas; all where it names none. Raises Invalid."""
    known = REGISTER.finders
    wanted = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    if unknown := [kind for kind in wanted if kind not in known]:
        raise Invalid(
            zh=f"没有类别 {unknown[0][:40]}。",
            en=f"There is no kind {unknown[0][:40]}.",
            field="kinds",
            remedy_zh=f"可用：{', '.join(known)}。",
            remedy_en=f"Use some of: {', '.join(known)}.",
        )
    return wanted or tuple(known)


def find(
    text: str,
    *,
    reach: Scope | None,
    near: tuple[float, float] | None = None,
    kinds: Collection[str] | None = None,
    limit: int = 10,
) -> list[Found]:
    """The best answers of all kinds: exact ones, then beginnings, parts, similar ones.

    Equally good ones take turns by kind, so that ten addresses do not hide the one component.
    A stranger (`reach` None) hears of public kinds only. Raises Invalid (422) for text that is
    too long or is no text.
    """
    question = Question(
        text=checked(text, "q"), words=words_of(text), near=near, limit=limit, reach=reach
    )
    ranked: list[tuple[int, int, int, Found]] = []
    for order, (kind, finder) in enumerate(REGISTER.finders.items()):
        if (kinds is not None and kind not in kinds) or (reach is None and not finder.public):
            continue
        answers: Sequence[Found] = finder.find(question)
        ranked += [(found.match, turn, order, found) for turn, found in enumerate(answers)]
    ranked.sort(key=lambda row: row[:3])
    return [row[3] for row in ranked[:limit]]
