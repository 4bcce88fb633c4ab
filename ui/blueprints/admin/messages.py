"""The log of messages, and what messages go and come by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar, cast
from uuid import UUID

from flask import Response, jsonify, redirect, request

from ui.blueprints.page import Site
from ui.screen import Screen
from ui.viewmodels.admin.messages import (
    TYPED,
    MessagesAsked,
    channels_page,
    message_rows,
    messages_page,
)
from workflow.messages.channels import Channels, ChannelsClosed, Mailbox, Robot, RobotKind
from workflow.messages.writing import is_address

T = TypeVar("T")

ASKED = ("channel", "state", "direction", "since", "until", "cursor")

HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Servers that may be spoken with in the clear: nothing leaves this machine."""

IMAPS, LAST_PORT = 993, 65_535

ROBOTS: frozenset[str] = frozenset({"wecom", "dingtalk"})

MOST = 20
"""Mailboxes, and robots, of one tenant."""


def _messages(site: Site, screen: Screen) -> Response:
    given = {name: request.args.get(name, "") for name in ASKED}
    asked = MessagesAsked(text=request.args.get("q", "").strip(), **given)
    if asked.cursor:
        rows = message_rows(screen, asked)
        return site.show("admin/message_rows.html", rows, language=screen.language)
    return site.show("admin/messages.html", messages_page(screen, asked), language=screen.language)


def _send_again(site: Site, screen: Screen, message: UUID) -> Response:
    screen.services.message_book.send_again(screen.ctx, message)
    said = screen.words.say("It is sent again")
    return jsonify({"location": screen.url("admin", "messages"), "message": said})


def _channels(site: Site, screen: Screen) -> Response:
    return site.show(
        "admin/channels.html", channels_page(screen, request.host_url), language=screen.language
    )


def _add_mailbox(site: Site, screen: Screen) -> Response:
    """Set a mailbox up; what is wrong is said, and what was typed stays."""
    sent, say = _sent(), screen.words.say
    port = sent["port"] or str(IMAPS)
    if not is_address(sent["address"]):
        return _again(site, screen, sent, say("Write the address as name@example.com."))
    if not sent["host"] or not port.isdecimal() or not 0 < int(port) <= LAST_PORT:
        return _again(site, screen, sent, say("Name the server and its port."))
    made = Mailbox(
        address=sent["address"].lower(),
        host=sent["host"],
        port=int(port),
        user=sent["user"] or sent["address"],
        password=request.form.get("password", ""),
        folder=sent["folder"] or "INBOX",
        plain=sent["host"] in HERE and int(port) != IMAPS,
    )

    def change(now: Channels) -> Channels:
        others = tuple(each for each in now.mailboxes if each.address != made.address)
        return replace(now, mailboxes=(*others, made)[-MOST:])

    return _changed(screen, change)


def _remove_mailbox(site: Site, screen: Screen, place: int) -> Response:
    return _changed(
        screen, lambda now: replace(now, mailboxes=_without(now.mailboxes, place)), told=True
    )


def _add_robot(site: Site, screen: Screen) -> Response:
    """Set a robot of a group up."""
    sent, say = _sent(), screen.words.say
    address = request.form.get("robot_address", "").strip()
    if not sent["name"] or sent["kind"] not in ROBOTS or not address.startswith("https://"):
        said = say("Name the robot, and paste the whole address that the group gives you.")
        return _again(site, screen, sent, said)
    kind = cast("RobotKind", sent["kind"])
    made = Robot(sent["name"], kind, address, request.form.get("secret", "").strip())

    def change(now: Channels) -> Channels:
        others = tuple(each for each in now.robots if each.name != made.name)
        return replace(now, robots=(*others, made)[-MOST:])

    return _changed(screen, change)


def _remove_robot(site: Site, screen: Screen, place: int) -> Response:
    return _changed(screen, lambda now: replace(now, robots=_without(now.robots, place)), told=True)


def _sent() -> dict[str, str]:
    """Return what was typed, but for secrets: those are typed anew."""
    return {name: request.form.get(name, "").strip()[:300] for name in TYPED}


def _again(site: Site, screen: Screen, sent: Mapping[str, str], problem: str) -> Response:
    page = channels_page(screen, request.host_url, problem=problem, entered=sent)
    return site.show("admin/channels.html", page, language=screen.language, status=422)


def _changed(
    screen: Screen, change: Callable[[Channels], Channels], *, told: bool = False
) -> Response:
    book = screen.services.message_book
    try:
        now = book.channels(screen.ctx)
    except ChannelsClosed:
        now = Channels()
    book.set_up(screen.ctx, change(now))
    where = screen.url("admin", "messages", "channels")
    if told:
        return jsonify({"location": where, "message": screen.words.say("Removed")})
    return redirect(where, code=303)  # type: ignore[return-value]


def _without(each: tuple[T, ...], place: int) -> tuple[T, ...]:
    return (*each[:place], *each[place + 1 :])


MESSAGES = (
    ("GET", "/messages", _messages),
    ("POST", "/messages/<uuid:message>/again", _send_again),
    ("GET", "/messages/channels", _channels),
    ("POST", "/messages/channels/mailboxes", _add_mailbox),
    ("POST", "/messages/channels/mailboxes/<int:place>/remove", _remove_mailbox),
    ("POST", "/messages/channels/robots", _add_robot),
    ("POST", "/messages/channels/robots/<int:place>/remove", _remove_robot),
)
