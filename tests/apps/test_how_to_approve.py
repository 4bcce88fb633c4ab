"""The example of docs/how-to/ask-for-approval.md, as a consultant writes it over the CRM."""

from __future__ import annotations

import re
from pathlib import Path

from engine.scenarios import rehearse, report
from metamodel import Layer, bundle
from metamodel.loader import read_text
from tests.scenes import Stages

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "ask-for-approval.md"


def test_the_example_does_what_the_page_says(stages: Stages, template: Layer) -> None:
    """Requirements P-05, P-06, A-07."""
    parts = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert [part.partition(":")[0] for part in parts] == ["approvals", "automations", "scenarios"]
    layer = read_text("format: 1\n" + "".join(parts), "mine")

    with stages(bundle([template, layer])) as stage:
        (result,) = rehearse(stage, only=lambda scenario: scenario.name == "large_win")

    assert result.passed, report([result])
