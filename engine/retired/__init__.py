"""What is out of use and still kept: found in the versions of a tenant, counted, brought back.

In stages: `finding` reads documents, `service` counts what is kept and says how it comes back.
"""

from engine.retired.finding import Gone
from engine.retired.service import Retired, Retirees

__all__ = ["Gone", "Retired", "Retirees"]
