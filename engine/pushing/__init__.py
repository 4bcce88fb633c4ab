"""What people are told, brought to their devices while the app is closed: web push.

The devices that somebody chose, what is said to them under encryption that no push service opens
(RFC 8291), and the signature by which the service knows this installation (RFC 8292).
"""

from __future__ import annotations

from engine.pushing.devices import Device, Devices, KnownDevice, device_of
from engine.pushing.signing import Signer
from engine.pushing.task import PushTask, Said, Wording

__all__ = ["Device", "Devices", "KnownDevice", "PushTask", "Said", "Signer", "Wording", "device_of"]
