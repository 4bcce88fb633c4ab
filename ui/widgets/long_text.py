"""Several lines of text."""

from __future__ import annotations

from ui.widgets.widget import Widget, as_text, plain

LONG_TEXT = Widget("long_text", "text", as_text, plain, filter="text", wide=True)
