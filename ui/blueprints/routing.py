"""Puts pages on a blueprint: tables of methods, paths, and the functions that answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, wraps

from flask import Blueprint

from ui.blueprints.page import Answer, Site

Route = tuple[str, str, Answer]
"""A method, a path, and what answers: by the site, the screen, and what stands in the path."""

Through = Callable[[Site, Answer], Answer]
"""Makes, of what answers, what is asked with the screen and what stands in the path."""


def plainly(site: Site, answer: Answer) -> Answer:
    """Return an answer that knows its site."""
    return wraps(answer)(partial(answer, site))


def add_pages(
    blueprint: Blueprint, site: Site, routes: Iterable[Route], through: Through = plainly
) -> None:
    """Add the pages of a table, each named after the function that answers."""
    for method, path, answer in routes:
        blueprint.add_url_rule(
            path,
            endpoint=answer.__name__.strip("_"),
            view_func=site.page(through(site, answer)),
            methods=[method],
        )
