"""How an element says that it is retired."""

from __future__ import annotations

RETIRED = ("$retire", "into")
"""What a retired element says of that: it is, and where its records went."""
