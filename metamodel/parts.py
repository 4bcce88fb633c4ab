"""The parts of an app, beside its entities, by the names of their keys."""

from __future__ import annotations

ACTING = (
    "automations",
    "approvals",
    "pools",
    "service_levels",
    "reports",
    "documents",
    "messages",
    "public_forms",
    "portals",
    "segments",
)
"""Parts by which an app acts, and lets others in or out."""

AHEAD = (
    "reports",
    "portals",
    "segments",
)
"""Those of them that load, and that nothing does yet."""

NAMED = ("modules", "choices", "settings", "roles", "dashboards", *ACTING, "scenarios")
"""Parts that are maps of named elements, in the order an app is written in."""
