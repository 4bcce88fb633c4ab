"""What went wrong, in sentences for the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator

from engine.errors import EngineError, RecordRefused
from engine.messages import sentence
from metamodel import telling
from metamodel.problems import DefinitionInvalid, Problem


def sentences(error: Exception) -> Iterator[str]:
    """Yield the lines that tell a person what was refused, where, and how to mend it."""
    language = terminal_language()
    if isinstance(error, DefinitionInvalid):
        for problem in error.problems:
            yield from problem_lines(problem, language)
        yield _sum(len(error.problems), language)
        return
    if isinstance(error, RecordRefused):
        for each in error.errors:
            path = ".".join(str(step) for step in each.path)
            yield f"{path}: {sentence(each, language)}" if path else sentence(each, language)
        return
    yield sentence(error, language) if isinstance(error, EngineError) else str(error)


def terminal_language() -> str:
    """Return the language that the terminal asks for: zh or en."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return "zh" if os.environ[variable].startswith("zh") else "en"
    return "en"


def _sum(count: int, language: str) -> str:
    if language == "zh":
        return f"共发现 {count} 个问题，未作任何更改。"
    return f"{count} problem{'' if count == 1 else 's'} found; nothing was applied."


def problem_lines(problem: Problem, language: str) -> Iterator[str]:
    """Yield the lines that tell of one problem of metadata."""
    place = problem.place
    path = ".".join(place.path)
    where = f"{place.file}:{place.line}:{place.column}"
    said = telling.sentence(problem, language)
    yield f"{where}: {problem.code}: {said}" + (f" [{path}]" if path else "")
    if problem.hint:
        yield f"    {telling.hint(problem, language)}"
