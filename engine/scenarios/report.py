"""Results of scenarios in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from engine.scenarios.results import Failure, ScenarioResult

_SENTENCES = {
    "en": {
        "differs": "{subject} should be {expected}, and is {found}.",
        "missing": "{subject} should be {expected}, and cannot be read by this person.",
        "refused": "it was refused: {found}.",
        "not_refused": "it should have been refused by {expected}, and was done.",
        "not_warned": "it should have been warned of {expected}, and was done without a word.",
        "seen": "{subject} is seen by this person, and should not be.",
        "unseen": "{subject} is not seen by this person, and should be.",
        "shows": "{subject} should be {expected}, and is {found}.",
        "unknown": "{subject} names nothing that an earlier step made.",
        "broken": "the engine failed: {found}.",
        "passed": "passed",
        "failed": "FAILED",
        "step": "step",
        "sum": "{passed} of {all} scenarios passed.",
    },
    "zh": {
        "differs": "{subject} 应为 {expected}，实际为 {found}。",
        "missing": "{subject} 应为 {expected}，但此人无权读取。",
        "refused": "操作被拒绝：{found}。",
        "not_refused": "应被 {expected} 拒绝，却执行成功。",
        "not_warned": "应提示 {expected}，却没有任何提示。",
        "seen": "此人不应看到 {subject}，却能看到。",
        "unseen": "此人应能看到 {subject}，却看不到。",
        "shows": "{subject} 应为 {expected}，实际为 {found}。",
        "unknown": "{subject} 不是前面步骤产生的名称。",
        "broken": "引擎出错：{found}。",
        "passed": "通过",
        "failed": "未通过",
        "step": "步骤",
        "sum": "{all} 个场景中 {passed} 个通过。",
    },
}


def report(results: Sequence[ScenarioResult], language: str = "en") -> str:
    """Return a line for each scenario, one for each failure below it, and the sum."""
    words = _SENTENCES.get(language, _SENTENCES["en"])
    lines = []
    for result in results:
        lines.append(f"{words[_state(result)]:<8} {result.name}: {result.label.text(language)}")
        lines += [
            f"         {words['step']} {f.step}: {sentence(f, language)}" for f in result.failures
        ]
    passed = sum(result.passed for result in results)
    lines.append(words["sum"].format(passed=passed, all=len(results)))
    return "\n".join(lines)


def _state(result: ScenarioResult) -> str:
    return "passed" if result.passed else "failed"


def sentence(failure: Failure, language: str = "en") -> str:
    """Return what one failure says."""
    words = _SENTENCES.get(language, _SENTENCES["en"])
    return words[failure.kind].format(
        subject=failure.subject, expected=failure.expected, found=failure.found
    )
