"""How values are written on papers: as on the screens, in a paper's own language."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.context import Context
from formula.typed import Typed
from formula.types import PercentType
from metamodel.model import Field
from ui.formats import Formats
from ui.widgets import widget_of
from ui.words import LANGUAGES, words_of


def day_written(ctx: Context, day: date) -> str:
    """Return a day as somebody reads it who is not looking at a screen."""
    return PaperWording(ctx, ctx.language).formats.date(day)


class PaperWording:
    """Writes values in one language; one that the screens do not speak is written in English."""

    def __init__(self, ctx: Context, language: str) -> None:
        spoken = language if language in LANGUAGES else "en"
        self.formats = Formats(spoken, ctx.moment.zone, ctx.model.app.currency)
        self._words = words_of(spoken)

    def value(self, value: object, field: Field | None, typed: Typed) -> str:
        """Return a value that is not blank as people read it."""
        if field is not None:
            return widget_of(field).show(value, field, self.formats)
        match value:
            case bool():
                return self._words.say("Yes") if value else self._words.say("No")
            case Decimal() if isinstance(typed.type, PercentType):
                return self.formats.percent(value)
            case Decimal() | int():
                return self.formats.number(value)
            case datetime():
                return self.formats.instant(value)
            case date():
                return self.formats.date(value)
            case time():
                return self.formats.time(value)
            case timedelta():
                return self.formats.duration(value)
            case tuple():
                joint = "、" if self.formats.language == "zh" else ", "
                return joint.join(self.value(each, None, typed) for each in value)
            case _:
                return str(value)
