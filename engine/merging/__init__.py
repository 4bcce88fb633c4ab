"""Records that look like one another: found, made one, and parted again."""

from __future__ import annotations

from engine.merging.alike import Lookalike, Lookalikes
from engine.merging.clusters import Cluster
from engine.merging.service import Merge, Merging

__all__ = ["Cluster", "Lookalike", "Lookalikes", "Merge", "Merging"]
