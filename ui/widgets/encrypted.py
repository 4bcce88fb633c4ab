"""Encrypted texts: shown as masks until somebody who may asks for one of them."""

from __future__ import annotations

from ui.widgets.widget import Widget, as_text, plain

ENCRYPTED = Widget("encrypted", "text", as_text, plain, filter="presence")
