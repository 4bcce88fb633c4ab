"""What people do by mail: ask for a new password, and follow the link of a letter."""

from __future__ import annotations

from flask import Response, request

from engine.accounts.errors import LetterSpent, MailMissing
from engine.accounts.letters import OpenLetter
from engine.accounts.passwords import SHORTEST
from engine.tenants.errors import AccountExists, PasswordWeak, TenantError
from ui.blueprints.page import theme_of
from ui.blueprints.proof import (
    Doorstep,
    form_token,
    origin_of,
    to,
    wanted,
    with_form,
)
from ui.blueprints.sign_in import told
from ui.cookies import drop, put, read
from ui.viewmodels.account import ForgotPage, LetterPage

LETTER_COOKIE = "joinery_letter"
"""Holds the secret of a letter's link, so that it leaves the address at once."""

HEADINGS = {
    "invitation": "Welcome",
    "reset": "A new password",
    "address": "Your new address",
    "": "This link does not work any more",
}
"""Headings of the pages that letters lead to."""


def forgot(door: Doorstep) -> Response:
    """Show the form that asks for a new password."""
    return _forgot(door)


def ask(door: Doorstep) -> Response:
    """Have a letter written, and say the same whoever has the address."""
    email = request.form.get("email", "").strip()
    try:
        door.people.letters.ask_reset(email, door.language)
    except MailMissing as error:
        return _forgot(door, problem=error)
    return to("/sign-in?said=mailed")


def follow(door: Doorstep, secret: str) -> Response:
    """Take the secret out of the address, and show what the letter is for."""
    # A cookie of a link in a mail program: it must come along from there.
    return put(to("/sign-in/letter"), request, LETTER_COOKIE, secret, seconds=3600)


def read_letter(door: Doorstep) -> Response:
    """Show what the link of a letter asks for."""
    return _letter(door)


def answer(door: Doorstep) -> Response:
    """Do what a letter was sent for, once."""
    secret, letters = read(request, LETTER_COOKIE), door.people.letters
    try:
        found = letters.read(secret)
        if found.kind == "address":
            letters.set_address(secret, origin_of())
        else:
            letters.set_password(secret, request.form.get("password", ""), origin_of())
    except (LetterSpent, PasswordWeak, AccountExists) as error:
        return _letter(door, problem=error)
    said = "address" if found.kind == "address" else "password"
    return drop(to(f"/sign-in?said={said}"), request, LETTER_COOKIE)


def _forgot(door: Doorstep, *, problem: TenantError | None = None) -> Response:
    token = form_token()
    view = ForgotPage(
        language=door.language,
        theme=theme_of(),
        title=door.words.say("A new password"),
        csrf=token,
        next=wanted(),
        problem=told(door, problem),
        sends=door.people.letters.are_sent,
        email=request.values.get("email", ""),
    )
    status = 409 if problem else 200
    response = door.site.show("pages/forgot.html", view, language=door.language, status=status)
    return with_form(response, token)


def _letter(door: Doorstep, *, problem: TenantError | None = None) -> Response:
    found: OpenLetter | None = None
    try:
        found = door.people.letters.read(read(request, LETTER_COOKIE))
    except LetterSpent as error:
        problem = problem or error
    token = form_token()
    kind = found.kind if found else ""
    heading = HEADINGS[kind]
    view = LetterPage(
        language=door.language,
        theme=theme_of(),
        title=door.words.say(heading),
        csrf=token,
        problem=told(door, problem),
        kind=kind,
        name=found.account.name if found else "",
        email=(found.detail or found.account.email) if found else "",
        shortest=SHORTEST,
    )
    status = 200 if problem is None else 422 if found else 410
    response = door.site.show("pages/letter.html", view, language=door.language, status=status)
    return with_form(response, token)
