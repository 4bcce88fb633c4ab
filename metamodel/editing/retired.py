"""How an element says that it is retired."""

from __future__ import annotations

RETIRED = ("$retire", "into", "purged")
"""What a retired element says of that: it is, where its records went, that its data is gone."""
