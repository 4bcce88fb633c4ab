"""What a plan's effects on runs that wait are called, in the product's own languages."""

# ruff: noqa: E501 - a sentence reads best on one line
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from metamodel.model import Model
from metamodel.scripts import key_of_script, label_of_script

RUN_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "runs_end": {
            "en": "{rows} {rows:run|runs} of “{automation}” {rows:waits, and ends|wait, and end} when {rows:its|their} time comes, with what was done so far, unless it is back by then. Under Automations › Runs {rows:it|each} can be done again.",
            "zh": "“{automation}”有 {rows} 次运行正在等待：到时间即结束，已完成的步骤保留；若届时已恢复，则照常继续。可在“自动化 › 运行”中重新执行。",
        },
        "runs_lose_place": {
            "en": "{rows} {rows:run|runs} of “{automation}” {rows:waits at a step that goes, and ends|wait at a step that goes, and end} there when {rows:its|their} time comes. Under Automations › Runs {rows:it|each} can be done again from a step.",
            "zh": "“{automation}”有 {rows} 次运行正在等待的步骤被删除：到时间即在该处结束，后续步骤不再执行。可在“自动化 › 运行”中从指定步骤重新执行。",
        },
        "runs_keep_time": {
            "en": "{rows} {rows:run|runs} of “{automation}” {rows:waits|wait} by the former rule: {rows:it goes|they go} on at the time that {rows:it was|they were} given, and then by the new steps.",
            "zh": "“{automation}”有 {rows} 次运行已按原规则开始等待：仍在原定时间继续，之后按新步骤执行。",
        },
        "runs_go_on": {
            "en": "{rows} {rows:run|runs} of “{automation}” {rows:waits|wait}: what is done stays done and is not done again, the steps that follow are the new ones.",
            "zh": "“{automation}”有 {rows} 次运行正在等待：已完成的步骤不会重做，后续按新步骤执行。",
        },
    }
)
"""A sentence for every code of such an effect."""


def called_script(model: Model, script: str, language: str) -> str:
    """Return what has the steps of a run is called."""
    label = label_of_script(model, script)
    return (label.text(language) if label is not None else "") or key_of_script(script)
