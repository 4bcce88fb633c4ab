"""The browser that pages are opened in, and how large its windows are."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from threading import Timer
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Playwright
from playwright.sync_api import Error as PlaywrightError

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


PATIENCE = 90.0
"""Seconds that a browser may take to close a window; Chromium sometimes never does."""


class Chromium:
    """A browser that is begun anew where it hung: one that does not answer stops no other test."""

    def __init__(self, playwright: Playwright, program: str) -> None:
        self._playwright = playwright
        self._program = program
        self._mark = ""
        self._browser: Browser | None = None

    def new_context(self, **given: Any) -> BrowserContext:
        """Return a window of its own. Any: what Playwright takes."""
        if self._browser is None or not self._browser.is_connected():
            self._mark = f"--joinery-tests={uuid4().hex}"
            self._browser = self._playwright.chromium.launch(
                executable_path=self._program, args=[*FLAGS, self._mark]
            )
        return self._browser.new_context(**given)

    def leave(self, context: BrowserContext) -> None:
        """Close a window; a browser that does not let go of it is ended."""
        self._bounded(context.close)

    def close(self) -> None:
        """Close the browser."""
        if self._browser is not None and self._browser.is_connected():
            self._bounded(self._browser.close)

    def _bounded(self, close: Any) -> None:  # Any: Playwright's own methods
        ended: list[bool] = []

        def end() -> None:
            ended.append(True)
            subprocess.run(["pkill", "-9", "-f", "--", self._mark], check=False)  # noqa: S603, S607

        timer = Timer(PATIENCE, end)
        timer.start()
        try:
            close()
        except PlaywrightError:
            if not ended:
                raise
        finally:
            timer.cancel()
