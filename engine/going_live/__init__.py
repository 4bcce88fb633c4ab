"""Going live in the background: a publish that takes long is made by a worker.

In stages: `wanted` is what is to be published, `length` whether that takes long, `underway` how
far it is, `service` the door, and `task` what a worker does.
"""

from engine.going_live.service import GoingLive
from engine.going_live.underway import Underway
from engine.going_live.wanted import Wanted

__all__ = ["GoingLive", "Underway", "Wanted"]
