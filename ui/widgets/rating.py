"""Stars from one to five."""

from __future__ import annotations

from ui.widgets.widget import Widget, as_text, plain

RATING = Widget("rating", "rating", as_text, plain, filter="number")
