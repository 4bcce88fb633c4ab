"""Opening pages with Lighthouse, as a desktop computer without a slow line, and what it says."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from bench.__main__ import free_port
from tests.browsers import FLAGS, SIZES, browser_program

PROGRAM = Path("ui/assets/node_modules/lighthouse/cli/index.js")

SPEED = ("performance",)

ALL = ("performance", "accessibility", "best-practices")
"""What is looked at; beside the speed it takes much longer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One opening of a page: milliseconds, bytes as they came over the line, scores of 100 or 0.

    `usable` is when the largest thing on it was drawn and its script had come to rest, `server`
    how long its own document was waited for, `document` and `script` what came until it was
    usable. `findings` are the checks that failed, by name, with the places that they name.
    """

    usable: float
    drawn: float
    index: float
    server: float
    shift: float
    document: int
    script: int
    accessibility: int
    practices: int
    findings: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Opener:
    """A browser in which somebody is signed in, and the port at which it is spoken to."""

    context: BrowserContext
    port: int

    def visit(self, url: str, categories: Sequence[str] = ALL) -> Visit:
        """Open a page once, with nothing of it kept; raise `SystemExit` where that fails."""
        with tempfile.TemporaryDirectory(prefix="joinery-bench-") as folder:
            told = Path(folder) / "told.json"
            command = [
                "node", str(PROGRAM), url, "--quiet", "--output=json", f"--output-path={told}",
                f"--only-categories={','.join(categories)}", "--throttling-method=provided",
                f"--port={self.port}", "--preset=desktop",
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode:
                raise SystemExit(f"Lighthouse failed at {url}: {done.stderr[-2000:]}")
            return read_told(json.loads(told.read_text("utf-8")))


@contextmanager
def opener(address: str, cookies: Mapping[str, str]) -> Iterator[Opener]:
    """Yield a browser that has cookies for a site; its pages are as large as a desk's."""
    port = free_port()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=browser_program(),
            args=[*FLAGS, f"--remote-debugging-port={port}"],
            viewport=SIZES["desk"],  # type: ignore[arg-type] # a plain mapping of the same two
        )
        context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
        )
        yield Opener(context, port)
        context.close()


def read_told(told: Mapping[str, Any]) -> Visit:
    """Read what Lighthouse tells, as its JSON has it."""
    if told.get("runtimeError"):
        raise SystemExit(f"Lighthouse failed: {told['runtimeError']['message']}")
    audits = told["audits"]
    metrics = audits["metrics"]["details"]["items"][0]
    usable = max(metrics["largestContentfulPaint"], metrics["interactive"])
    came = [
        each
        for each in audits["network-requests"]["details"]["items"]
        if each.get("networkEndTime", usable) < usable
    ]
    return Visit(
        usable=usable,
        drawn=metrics["largestContentfulPaint"],
        index=metrics["speedIndex"],
        server=round(audits["server-response-time"]["numericValue"], 1),
        shift=round(audits["cumulative-layout-shift"]["numericValue"], 4),
        document=_bytes(came, "Document"),
        script=_bytes(came, "Script"),
        accessibility=_score(told, "accessibility"),
        practices=_score(told, "best-practices"),
        findings=dict(_findings(told)),
    )


def _score(told: Mapping[str, Any], category: str) -> int:
    score: float = told["categories"].get(category, {"score": 0})["score"]
    return round(score * 100)


def _bytes(came: Sequence[Mapping[str, Any]], kind: str) -> int:
    return sum(each["transferSize"] for each in came if each.get("resourceType") == kind)


def _findings(told: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield what costs a page points of being accessible or of best practices."""
    for category in ("accessibility", "best-practices"):
        for each in told["categories"].get(category, {"auditRefs": ()})["auditRefs"]:
            audit = told["audits"][each["id"]]
            if each["weight"] and audit["score"] is not None and audit["score"] < 1:
                items = audit.get("details", {}).get("items", [])
                yield each["id"], [json.dumps(item)[:300] for item in items[:5]]
