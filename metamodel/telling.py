"""Problems in the reader's language: what is wrong, what it is about, how to mend it."""

from __future__ import annotations

import re

from metamodel.chinese import CHINESE
from metamodel.problems import Problem

MEANT = "Did you mean "
"""How a hint begins that offers one spelling."""

_NAMES = re.compile(r"`([^`]+)`")


def sentence(problem: Problem, language: str) -> str:
    """Return what is wrong: in Chinese for zh, with the names that it is about; else in English."""
    found = CHINESE.get(problem.code) if language.startswith("zh") else None
    if found is None:
        return problem.sentence
    names = "、".join(f"`{name}`" for name in dict.fromkeys(_NAMES.findall(problem.sentence)))
    return f"{found[0]}：{names}。" if names else f"{found[0]}。"


def hint(problem: Problem, language: str) -> str:
    """Return how to mend it, with the spelling that was probably meant."""
    found = CHINESE.get(problem.code) if language.startswith("zh") else None
    if found is None:
        return problem.hint
    offered = _NAMES.findall(problem.hint)
    if problem.hint.startswith(MEANT) and offered:
        return f"是否想写 `{offered[0]}`？"
    return f"{found[1]}。"
