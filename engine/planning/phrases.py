"""What steps cost and who waits for them, in the product's own languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.messages import filled
from engine.phrases import Phrase
from engine.schema.steps import Step

COSTS: Mapping[str, Phrase] = MappingProxyType(
    {
        "instant": ("at once", "立即完成"),
        "rewrites": (
            "writes {rows} {rows:record|records} anew, about {time}",
            "重写 {rows} 条记录，约 {time}",
        ),
        "builds": (
            "reads {rows} {rows:record|records}, about {time}",
            "读取 {rows} 条记录，约 {time}",
        ),
        "checks": (
            "checks {rows} {rows:record|records}, about {time}",
            "检查 {rows} 条记录，约 {time}",
        ),
    }
)
"""What a step costs."""

WAITS: Mapping[str, Phrase] = MappingProxyType(
    {
        "none": ("nobody waits", "不影响使用"),
        "share": ("whoever saves meanwhile waits", "期间保存需要等待"),
        "exclusive": ("everybody waits for a moment", "期间所有人短暂等待"),
    }
)
"""Who waits for a step."""

TIMES: Mapping[str, Phrase] = MappingProxyType(
    {
        "moment": ("a moment", "一瞬间"),
        "seconds": ("{n} s", "{n} 秒"),
        "minutes": ("{n} min", "{n} 分钟"),
        "hours": ("{n} h", "{n} 小时"),
    }
)
"""How long something takes, as people say it."""


def cost_sentence(step: Step, language: str) -> str:
    """Return what a step costs."""
    code: str = step.cost
    if step.cost == "instant" and step.rows:
        code = "checks"
    params = {"rows": f"{step.rows:,}", "time": time_text(step.seconds, language)}
    return filled(COSTS[code], params, language)


def wait_sentence(step: Step, language: str) -> str:
    """Return who waits for a step."""
    return filled(WAITS[step.lock], {}, language)


def time_text(seconds: float, language: str) -> str:
    """Return a length of time roughly, as people say it."""
    if seconds < 1:
        return filled(TIMES["moment"], {}, language)
    if seconds < 90:
        return filled(TIMES["seconds"], {"n": round(seconds)}, language)
    if seconds < 5400:
        return filled(TIMES["minutes"], {"n": round(seconds / 60)}, language)
    return filled(TIMES["hours"], {"n": round(seconds / 3600, 1)}, language)
