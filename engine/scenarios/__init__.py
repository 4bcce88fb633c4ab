"""Scenarios: the business tests that an app carries, played on a throw-away copy of it.

In the order they work: `stage` makes the copy and its persons, `player` acts out one
scenario, `values` puts what was written into payloads, `expectations` compares what came
of it, `report` says it in words.
"""

from engine.scenarios.player import Scene, play
from engine.scenarios.report import report, sentence
from engine.scenarios.results import Failure, ScenarioResult
from engine.scenarios.stage import Doors, Stage, rehearse, staged

__all__ = [
    "Doors",
    "Failure",
    "ScenarioResult",
    "Scene",
    "Stage",
    "play",
    "rehearse",
    "report",
    "sentence",
    "staged",
]
