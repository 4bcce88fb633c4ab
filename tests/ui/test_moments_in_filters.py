"""Moments as filters write them, where lists of what was taken in begin."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from formula import check, compile_python, parse
from tests.budget import examples
from tests.formula.reference import SAMPLE
from tests.formula.world import DEAL, MOMENT, MemoryValues
from ui.viewmodels.conditions import second_text


@settings(max_examples=examples(100), deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - on the clock of the zone
def test_a_second_that_a_filter_writes_is_that_second(naive: datetime) -> None:
    moment = naive.replace(tzinfo=ZoneInfo(MOMENT.zone))

    written = compile_python(check(parse(second_text(moment)), DEAL))

    read = written.evaluate(MemoryValues(SAMPLE, "deal", SAMPLE.rows["deal"][0]))
    assert read == moment.replace(microsecond=0, fold=0)
