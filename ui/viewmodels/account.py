"""Pages before anybody is signed in, and pages that say what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ui.viewmodels.shell import Shell


@dataclass(frozen=True, slots=True)
class ProviderLink:
    """An identity provider that somebody may come in by."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class DoorPage:
    """A page at the door; `problem` says what was wrong, `notice` what was done.

    `logo` and `house` are those of the tenant that somebody is on the way to, if it shows them.
    """

    language: str
    theme: str
    title: str
    csrf: str
    next: str = "/"
    problem: str = ""
    notice: str = ""
    logo: str = ""
    house: str = ""


@dataclass(frozen=True, slots=True)
class SignInPage(DoorPage):
    """The sign-in form, and the other ways in."""

    email: str = ""
    providers: tuple[ProviderLink, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondPage(DoorPage):
    """What is asked besides the password: `app` a code, `passkey` a passkey."""

    email: str = ""
    app: bool = False
    passkey: bool = False


@dataclass(frozen=True, slots=True)
class ForgotPage(DoorPage):
    """Asking for a new password; `sends` is false where this site sends no mail."""

    sends: bool = True
    email: str = ""


@dataclass(frozen=True, slots=True)
class LetterPage(DoorPage):
    """What the link of a letter asks for: `kind` invitation, reset or address."""

    kind: str = ""
    name: str = ""
    email: str = ""
    shortest: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmPage(DoorPage):
    """Proving anew who somebody is; `second`: by what is asked besides the password."""

    email: str = ""
    password: bool = False
    app: bool = False
    passkey: bool = False
    second: bool = False


@dataclass(frozen=True, slots=True)
class LeavingPage(DoorPage):
    """The last step before an identity provider: a link that leads there."""

    provider: str = ""
    url: str = ""


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
    ask: tuple[str, ...] = ()
