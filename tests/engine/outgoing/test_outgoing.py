"""Calls to other machines stay outside the own network, and end (SSRF, rebinding, slow drip)."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.outgoing.allowance import Allowance, is_public
from engine.outgoing.calls import Limits, Outgoing
from engine.outgoing.errors import OutgoingFailed, OutgoingRefused
from tests.engine.outgoing.conftest import Elsewhere

PUBLIC = ("8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808")

INSIDE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
    "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1",
    "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::", "2001:0:1::1",
)  # fmt: skip

HERE = Allowance.of("127.0.0.1")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert Allowance().require("there.example", (address,)) == address


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_may_not_be_called_however_it_is_written(address: str) -> None:
    with pytest.raises(OutgoingRefused):
        Allowance().require("there.example", (address,))


@given(st.ip_addresses(v=4))
def test_no_wrapping_makes_an_inner_address_a_public_one(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    wrapped = (
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    )

    assert {is_public(each) for each in wrapped} == {is_public(address)}


def test_a_name_that_leads_outside_and_inside_at_once_is_refused() -> None:
    with pytest.raises(OutgoingRefused):
        Allowance().require("both.example", ("8.8.8.8", "127.0.0.1"))


@pytest.mark.parametrize("text", ["intern.example", "10.0.0.0/8", "10.1.2.3", "a, 10.1.2.3 ,b"])
def test_what_is_named_may_be_called_although_it_is_inside(text: str) -> None:
    assert Allowance.of(text).require("Intern.example.", ("10.1.2.3",)) == "10.1.2.3"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001"])
def test_this_machine_is_not_called_under_any_of_its_names(elsewhere: Elsewhere, host: str) -> None:
    with pytest.raises((OutgoingRefused, OutgoingFailed)):
        Outgoing(Allowance()).call("GET", elsewhere.url("/hello", host))

    assert elsewhere.asked == []


def test_a_machine_that_is_allowed_answers(elsewhere: Elsewhere) -> None:
    answer = Outgoing(HERE).call("POST", elsewhere.url("/hello"), content=b"x")

    assert (answer.status_code, answer.text) == (200, "hello")


def test_a_redirect_inside_is_refused_although_the_first_machine_is_allowed(
    elsewhere: Elsewhere,
) -> None:
    inner = elsewhere.url("/hello", "127.0.0.2")

    with pytest.raises(OutgoingRefused):
        Outgoing(HERE).call("GET", elsewhere.url(f"/redirect/to/{inner}"))

    assert [each.partition(" ")[2].partition("/to/")[0] for each in elsewhere.asked] == [
        "/redirect"
    ]


def test_a_redirect_to_where_calls_may_go_is_followed(elsewhere: Elsewhere) -> None:
    answer = Outgoing(HERE).call("GET", elsewhere.url("/redirect/to//hello"))

    assert answer.text == "hello"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/round", "redirects"), ("/large", "large"), ("/said", "large"),
     ("/packed", "packed"), ("/drip", "slow")],
)  # fmt: skip
def test_an_answer_without_end_is_ended(elsewhere: Elsewhere, path: str, reason: str) -> None:
    outgoing = Outgoing(HERE, Limits(seconds=0.5, size=1_000_000))

    with pytest.raises(OutgoingFailed) as failed:
        outgoing.call("GET", elsewhere.url(path))

    assert str(failed.value) == f"outgoing_{reason}"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://8.8.8.8/x", "gopher://8.8.8.8/", "unix:///run/x", "//8.8.8.8",
     "http://", "http:///x", "", "http://[::1", "http://8.8.8.8:99999/", "javascript:alert(1)"],
)  # fmt: skip
def test_only_addresses_of_the_web_are_called(url: str) -> None:
    with pytest.raises(OutgoingRefused):
        Outgoing(Allowance()).call("GET", url)


@pytest.mark.parametrize(
    ("where", "reason"),
    [("data:text/plain,hi", "refused"), ("http://a:b/", "redirects")],
    ids=["no address of the web", "no address at all"],
)
def test_a_redirect_to_nowhere_is_told_without_what_is_secret(
    elsewhere: Elsewhere, where: str, reason: str
) -> None:
    with pytest.raises((OutgoingFailed, OutgoingRefused), match=reason) as refused:
        Outgoing(HERE).call("GET", elsewhere.url(f"/redirect/to/{where}?key=secret"))

    assert "secret" not in str(refused.value.params)


@pytest.mark.parametrize("url", ["http://例..子/c?key=secret", "http://me:secret@例..子/c#secret"])
def test_an_address_that_cannot_be_read_is_told_without_what_is_secret(url: str) -> None:
    with pytest.raises(OutgoingRefused) as refused:
        Outgoing(HERE).call("GET", url)

    assert refused.value.params == {"address": "http://例..子/c"}


def test_a_name_is_asked_once_so_that_its_owner_cannot_change_the_answer(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        # A public name whose second answer would lead inside.
        if host == "rebind.example":
            asked.append(host)
            return original("127.0.0.1" if len(asked) == 1 else "127.0.0.9", port, *rest, **more)
        return original(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    answer = Outgoing(HERE).call("GET", elsewhere.url("/hello", "rebind.example"))

    assert answer.text == "hello"
    assert asked == ["rebind.example"]
    assert elsewhere.asked == [f"rebind.example:{elsewhere.port} /hello"]


def test_a_proxy_of_the_environment_is_passed_by(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert Outgoing(HERE).call("GET", elsewhere.url("/hello")).text == "hello"


def test_credentials_are_not_carried_to_another_machine(elsewhere: Elsewhere) -> None:
    outgoing = Outgoing(Allowance.of("127.0.0.0/8, localhost"))

    answer = outgoing.call(
        "GET",
        elsewhere.url(f"/redirect/to/{elsewhere.url('/hello', 'localhost')}"),
        headers={"Authorization": "Bearer secret"},
    )

    assert "Authorization" not in answer.request.headers
