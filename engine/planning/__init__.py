"""What a plan says to whoever decides about it: one report for the terminal, the API, a screen."""

from engine.planning.facts import access_facts, report_facts
from engine.planning.report import (
    ChangeLine,
    EffectLine,
    PlanReport,
    StepLine,
    Touched,
    change_lines,
    report,
)

__all__ = [
    "ChangeLine",
    "EffectLine",
    "PlanReport",
    "StepLine",
    "Touched",
    "access_facts",
    "change_lines",
    "report",
    "report_facts",
]
