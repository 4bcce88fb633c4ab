"""`make look`: the demo tenant served, and pictures of every kind of page to be looked at.

Both sizes, languages and themes, or those that are asked for, into a folder that is not kept.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from boot.demo import PERSONS
from tests.browsers import FLAGS, SIZES, browser_program
from tests.journeys.places import PLACES, first_ids

TENANT = "demo"

PATIENCE = 600
"""Seconds that the demo tenant may take to be made."""


def main() -> None:
    """Take the pictures that are asked for; say which page could not be reached, and why."""
    parser = argparse.ArgumentParser(prog="look", description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("var/looks"), help="the folder")
    parser.add_argument("--size", choices=SIZES, action="append", help="desk or phone")
    parser.add_argument("--language", choices=("zh", "en"), action="append")
    parser.add_argument("--theme", choices=("light", "dark"), action="append")
    parser.add_argument("--place", action="append", help="a kind of page, as in places.py")
    parser.add_argument("--port", type=int, default=8097)
    parser.add_argument("--at", metavar="ADDRESS", help="a server that runs already")
    asked = parser.parse_args()
    looks = product(
        asked.size or SIZES, asked.language or ("zh", "en"), asked.theme or ("light", "dark")
    )
    with sync_playwright() as playwright, _address(asked.at, asked.port) as address:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=FLAGS)
        for look in looks:
            _look(browser, f"{address}/{TENANT}", look, asked.into, asked.place)
        browser.close()


@contextmanager
def _address(running: str | None, port: int) -> Iterator[str]:
    """Yield the address of a server: one that runs, or one that ends with this."""
    if running:
        yield running.rstrip("/")
        return
    address = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("joinery")), "serve", "--port", str(port)]
    with subprocess.Popen([*command, "--demo", TENANT]) as server:  # noqa: S603 - our own program
        try:
            _wait(address, server)
            yield address
        finally:
            server.terminate()


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(f"{address}/healthz", timeout=5):  # noqa: S310 - our own server
                return
        except (URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("The server does not answer.")


def _look(
    browser: Browser, root: str, look: tuple[str, str, str], into: Path, wanted: list[str] | None
) -> None:
    size, language, theme = look
    folder = into / "-".join(look)
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport=SIZES[size], reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    page.goto(root)
    page.screenshot(path=folder / "sign-in.png")
    _sign_in(page, root, language, theme)
    ids = first_ids(page, root)
    for place in PLACES:
        if place.size not in ("", size) or (wanted and place.name not in wanted):
            continue
        try:
            place.open(page, root, ids)
            page.screenshot(path=folder / f"{place.name.replace(' ', '-')}.png")
        except (BrowserError, AssertionError) as error:
            sys.stderr.write(f"{folder.name} {place.name}: {str(error).splitlines()[0]}\n")
    page.close()


def _sign_in(page: Page, root: str, language: str, theme: str) -> None:
    person = next(each for each in PERSONS if each.role == "administrator")
    page.locator("#email").fill(person.email)
    page.locator("#password").fill(person.password)
    page.locator(".door-form .btn-primary").click()
    page.wait_for_selector("[data-shell]")
    token = page.locator("[data-shell]").get_attribute("data-csrf") or ""
    chosen: dict[str, str | float | bool] = {
        "csrf_token": token,
        "language": language,
        "theme": theme,
    }
    page.request.post(f"{root.rpartition('/')[0]}/preferences", form=chosen)


if __name__ == "__main__":
    main()
