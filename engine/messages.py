"""What a person is told about anything that was refused, in their language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.errors import EngineError, FieldError, QueryInvalid, RecordRefused
from engine.phrases import BARE, FIELDS, FORMULAS, REFUSALS, Phrase
from engine.titles import TITLES
from formula.errors import FormulaProblem
from metamodel.label import Label
from metamodel.numbered import numbered

LANGUAGES = ("en", "zh")
"""Languages that every sentence is written in; others are told in English."""

_BRACES = re.compile(r"\{(\w+)\}")

_NAMES = re.compile(r"`([^`]+)`")


def sentence(error: FieldError | EngineError, language: str) -> str:
    """Return one refusal as a sentence: what was found, what is expected, how to mend it."""
    if isinstance(error, FieldError):
        phrase = FIELDS.get(error.code) or REFUSALS.get(error.code) or REFUSALS["engine_error"]
        bare = BARE.get(error.code)
        if bare is not None and _lacks(phrase, error.params):
            phrase = bare
        return filled(phrase, error.params, language)
    params: dict[str, object] = dict(error.params)
    if isinstance(error, RecordRefused):
        params["count"] = len(error.errors)
    if isinstance(error, QueryInvalid):
        params["problems"] = _all_of(error.problems, language)
    code = error.code if error.code in REFUSALS else "engine_error"
    said = str(error)
    if said in REFUSALS:
        code = said
    elif language == "en" and error.code not in _OWN_WORDS and said != error.code:
        # Refusals of the installation are raised with a sentence that knows more.
        return said
    return filled(REFUSALS[code], params, language)


def _lacks(phrase: Phrase, params: Mapping[str, object]) -> bool:
    """Tell whether a sentence would have a hole where a parameter is missing or empty."""
    return any(params.get(name) in (None, "", [], ()) for name in _BRACES.findall(phrase[0]))


def phrase(code: str, language: str, **params: object) -> str:
    """Return the sentence of a code that no exception carries."""
    return filled(REFUSALS.get(code) or FIELDS[code], params, language)


def title(code: str, language: str) -> str:
    """Return the heading of a refusal."""
    return _in(TITLES.get(code, ("Not possible", "无法执行")), language)


def formula_sentence(problem: FormulaProblem, language: str) -> str:
    """Return a formula's problem as a sentence; the checker's own words in English."""
    if language == "zh" and problem.code in FORMULAS:
        names = "、".join(f"“{name}”" for name in _NAMES.findall(problem.message))
        hint = "、".join(f"“{name}”" for name in _NAMES.findall(problem.hint))
        said = FORMULAS[problem.code].format(names=names)
        return f"{said}（可用：{hint}）" if hint else said
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


_OWN_WORDS = frozenset({
    "record_refused", "submission_refused", "approval_refused", "button_refused", "claim_refused",
    "give_back_refused", "mapping_invalid", "query_invalid", "version_conflict",
})  # fmt: skip
"""Codes whose exceptions carry a technical text for logs, not a sentence."""


class _Params(dict[str, object]):
    """Parameters of a sentence; one that is not there reads as empty."""

    def __missing__(self, key: str) -> str:
        return ""


def filled(phrase: Phrase, params: Mapping[str, object], language: str) -> str:
    """Return a phrase in a language, its names in braces filled in.

    `{count:thing|things}` chooses the word for one, or for several.
    """
    shown = {name: _shown(value, language) for name, value in params.items()}
    return _in(phrase, language).format_map(_Params(numbered(shown)))


def _in(phrase: Phrase, language: str) -> str:
    return phrase[1] if language == "zh" else phrase[0]


def _shown(value: object, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Label):
        return value.text(language)
    if isinstance(value, list | tuple | set | frozenset):
        return ("、" if language == "zh" else ", ").join(_shown(each, language) for each in value)
    return str(value)


def _all_of(problems: Iterable[FormulaProblem], language: str) -> str:
    return "; ".join(formula_sentence(problem, language) for problem in problems)
