"""Ways to reach somebody: shown as links that write, call or open."""

from __future__ import annotations

from ui.widgets.widget import Widget, as_text, plain

EMAIL = Widget("email", "email", as_text, plain, filter="text")
PHONE = Widget("phone", "phone", as_text, plain, filter="text")
URL = Widget("url", "url", as_text, plain, filter="text")
