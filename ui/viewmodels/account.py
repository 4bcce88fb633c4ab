"""Pages before anybody is signed in, and pages that say what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ui.viewmodels.shell import Shell


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The sign-in form; `problem` says why the last attempt failed."""

    language: str
    theme: str
    email: str
    next: str
    csrf: str
    problem: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What went wrong, what was asked, and where to go from here."""

    language: str
    theme: str
    title: str
    sentence: str
    hint: str
    status: int
    home: str
    shell: Shell | None = None
