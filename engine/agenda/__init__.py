"""Whose time is taken, when people are free together, and calendars as other programs read them."""

from engine.agenda.busy import BusyTimes, Taken, busy_views, people_of
from engine.agenda.feed import Entry, Party, calendar_text, invitation_text
from engine.agenda.persons import for_person
from engine.agenda.slots import Slot, free_slots

__all__ = [
    "BusyTimes",
    "Entry",
    "Party",
    "Slot",
    "Taken",
    "busy_views",
    "calendar_text",
    "for_person",
    "free_slots",
    "invitation_text",
    "people_of",
]
