"""The browser that pages are opened in, and how large its windows are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def browser_program() -> str | None:
    """Return the program of a Chromium, the one that JOINERY_BROWSER names first."""
    candidates = (
        os.environ.get("JOINERY_BROWSER"),
        *(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")),
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    )
    return next((each for each in candidates if each and Path(each).exists()), None)
