"""Every word of the screens is there in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

import ui
from ui.blueprints.api.calls import SUMMARIES
from ui.blueprints.letters import HEADINGS
from ui.blueprints.own import DONE as CHANGED
from ui.blueprints.refusals import TITLES
from ui.blueprints.sign_in import SAID
from ui.viewmodels.admin.acting.cards import SENDS
from ui.viewmodels.admin.acting.jobs import TASKS
from ui.viewmodels.admin.acting.runs import COUNTED as COUNTED_IN_RUNS
from ui.viewmodels.admin.acting.runs import PLAIN_WORDS, STATE_WORDS, STEP_WORDS
from ui.viewmodels.admin.log import KINDS
from ui.viewmodels.admin.log_words import MODES, NAMES
from ui.viewmodels.admin.log_words import SAID as SAID_IN_LOG
from ui.viewmodels.admin.messages import CHANNELS, LOOKS, REASONS
from ui.viewmodels.admin.messages import STATES as MESSAGE_STATES
from ui.viewmodels.admin.personal import COUNTED
from ui.viewmodels.comparisons import COMPARISONS
from ui.viewmodels.dashboards.generated import AGES, LABELS
from ui.viewmodels.dashboards.metric import FORMER_WORDS
from ui.viewmodels.dashboards.stages import PART_WORDS
from ui.viewmodels.filter_tree import BETWEEN
from ui.viewmodels.history import DONE, DOORS
from ui.viewmodels.importing import WHYS
from ui.viewmodels.imports import STATES
from ui.viewmodels.letters import DONE as OF_MESSAGES
from ui.viewmodels.marks import WORDS as MARKS
from ui.viewmodels.measured import OF_WHAT
from ui.viewmodels.periods import PERIODS
from ui.viewmodels.pools import ACTS, MISSED
from ui.viewmodels.reports.choices import BUCKETS, SUMS
from ui.viewmodels.reports.deliveries import EVERY_WORDS, WEEKDAYS
from ui.viewmodels.reports.page import TYPE_WORDS
from ui.viewmodels.rows import TOTALS
from ui.words import LANGUAGES, catalogue, words_of

HOME = Path(ui.__file__).parent


def in_templates() -> Iterator[str]:
    for path in (HOME / "templates").rglob("*.html"):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_",), (), {}):
                yield message if isinstance(message, str) else str(message[0])


def in_modules() -> Iterator[str]:
    for path in HOME.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node.func) == "say":
                for found in ast.walk(node.args[0]):
                    if isinstance(found, ast.Constant) and isinstance(found.value, str):
                        yield found.value


def called(function: ast.expr) -> str:
    """The name under which something is called, also where it was taken out of its object."""
    return getattr(function, "attr", "") or getattr(function, "id", "")


def in_tables() -> Iterator[str]:
    yield from TITLES.values()
    yield from DONE.values()
    yield from KINDS.values()
    yield from DOORS.values()
    yield from PERIODS.values()
    yield from (word for word, _ in AGES)
    built = (BUCKETS, SUMS, TYPE_WORDS, EVERY_WORDS)
    yield from WEEKDAYS
    for told in (TOTALS, BETWEEN, LABELS, FORMER_WORDS, PART_WORDS, MARKS, OF_WHAT, *built):
        yield from told.values()
    yield from SUMMARIES.values()
    yield from (*REASONS.values(), *LOOKS.values(), *OF_MESSAGES.values())
    yield from (word for word, _ in (*CHANNELS.values(), *SENDS.values(), *MESSAGE_STATES.values()))
    yield from (*STATE_WORDS.values(), *STEP_WORDS.values(), *PLAIN_WORDS.values(), *TASKS.values())
    yield from (word for word in WHYS.values() if word)
    yield from (word for word, _ in STATES.values())
    yield from SAID.values()
    yield from HEADINGS.values()
    yield from CHANGED.values()
    yield from (*COUNTED.values(), *COUNTED_IN_RUNS.values())
    yield from (*ACTS.values(), *MISSED.values())
    for table in (NAMES, SAID_IN_LOG, MODES):
        yield from table.values()
    for offered in COMPARISONS.values():
        yield from (each.word for each in offered)


def spoken() -> set[str]:
    return {*in_templates(), *in_modules(), *in_tables()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_screens_is_translated(language: str) -> None:
    messages = catalogue(language)

    assert sorted(message for message in spoken() if not messages.get(message)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_keeps_a_message_that_nobody_says(language: str) -> None:
    assert sorted(set(catalogue(language)) - spoken()) == []


def test_a_translation_fills_in_the_same_names() -> None:
    messages = catalogue("zh")
    for message in spoken():
        names = set(re.findall(r"{\w+}", message))

        assert set(re.findall(r"{\w+}", messages[message])) == names


def test_one_is_not_spoken_of_as_of_several() -> None:
    counts = {"count": "1", "days": 1, "who": "Bo", "minutes": 2, "when": "now"}
    what = "records|rows|values|fields|changes|people|minutes|hours|days|weeks|months|years"
    several = re.compile(rf"{{(\w+)}} (?:more |working )?({what})\b")

    assert [said for said in catalogue("en").values() if several.search(said)] == []
    english = words_of("en")
    assert english.say("{count} records match", count="1") == "1 record matches"
    assert english.say("{count} records match", count="1,000") == "1,000 records match"
    assert english.say("{who} read {count} records within {minutes} minutes, {when}", **counts) == (
        "Bo read 1 record within 2 minutes, now"
    )


def test_a_language_that_is_not_spoken_falls_back_to_english() -> None:
    assert words_of("fr").say("Save") == "Save"


def test_every_word_that_scripts_say_is_handed_to_them() -> None:
    handed = set(
        re.findall(
            r"data-([a-z-]+)=", (HOME / "templates/components/words.html").read_text("utf-8")
        )
    )
    scripts = "\n".join(p.read_text("utf-8") for p in (HOME / "assets/src").rglob("*.ts"))

    for name in re.findall(r'\bword\("(\w+)"', scripts):
        assert re.sub(r"([A-Z])", lambda m: "-" + m[1].lower(), name) in handed
