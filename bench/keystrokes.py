"""Typing into a line of a quote in a real browser: how long until its total shows anew."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from playwright.sync_api import Page

KEYS = 24

WATCH = """() => {
  window.taken = [];
  const total = document.querySelector('.field [data-live=total]');
  let began = 0;
  addEventListener('keydown', (event) => { began = event.timeStamp; }, true);
  new MutationObserver(() => {
    const since = began;
    // What is written is on the screen when the frame after it begins.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.taken.push(performance.now() - since);
      channel.port2.postMessage(0);
    });
  }).observe(total, { subtree: true, childList: true, characterData: true });
}"""
"""Notes, for each key pressed, the milliseconds until the total that follows from it is drawn."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Milliseconds from a key to the new total on the screen, of a quote of so many lines."""

    lines: int
    median: float
    worst: float


def typed(page: Page, address: str) -> Typed:
    """Open a quote's form and type digits into a line in its middle."""
    page.goto(address)
    quantity = page.locator("[data-rows] td[data-field=quantity] input")
    quantity.first.wait_for()
    page.wait_for_load_state("networkidle")
    lines = quantity.count()
    page.evaluate(WATCH)
    quantity.nth(lines // 2).click()
    for number in range(KEYS):
        page.keyboard.press("Backspace" if number % 2 else str(3 + number % 7))
        page.wait_for_function("(count) => window.taken.length >= count", arg=number + 1)
    taken = page.evaluate("window.taken")
    return Typed(lines, round(statistics.median(taken), 1), round(max(taken), 1))
