"""Nobody of one tenant reaches anything of another, by any route, in any role (A-*, N-01)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from tests.budget import SOAK
from tests.conftest import Installation
from tests.walls.conftest import Street
from tests.walls.neighbours import SECRET, Person, digest, person
from tests.walls.routes import IN_TIME, Call, as_text, calls, documented
from ui.session import COOKIE

EVERY = 8 if SOAK == 1 else 1
"""Of how many entities one is called by each route; the soak calls every one, in every role."""

OWN = ("/account", "/sign-out", "/preferences")
"""Routes about whoever is signed in: they end sessions, so each call has a person of its own."""

OPEN = ("/sign-in", "/forms/", "/hooks/", "/unsubscribe", "/mail/")
"""Routes for people who are not signed in."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A way to come in: a person, by their session or by one of their tokens."""

    role: str
    who: Person
    token: str = ""


@pytest.fixture(scope="module")
def every_call(street: Street) -> Sequence[Call]:
    document = street.document(street.ours, street.people["administrator"])
    return list(calls(street.app, street.ours, document))


@pytest.fixture(scope="module")
def identities(street: Street) -> Sequence[Identity]:
    sessions = [Identity(role, who) for role, who in street.people.items()]
    admin = street.people["administrator"]
    return sessions + [Identity(f"token {name}", admin, name) for name in admin.tokens]


def asked(street: Street, call: Call, identity: Identity) -> TestResponse:
    if identity.token and call.is_api:
        return street.ask_with(identity.who.tokens[identity.token], call)
    return street.ask(street.browser(identity.who), call, identity.who)


def broken(call: Call, identity: Identity, answer: TestResponse) -> str:
    """What is wrong with an answer, as a line; nothing where it is as it should be."""
    body = answer.get_data()
    if answer.status_code >= 500 or SECRET.encode() in body:
        return f"{answer.status_code} {identity.role}: {as_text(call)} {body[:200]!r}"
    return ""


def turns(
    every_call: Sequence[Call], people: Sequence[Identity]
) -> Iterator[tuple[Call, Identity]]:
    """Yield who makes which call: everybody each route, over some of its entities in turn."""
    ours = [call for call in every_call if not call.route.startswith(OWN)]
    seen: dict[tuple[str, str], int] = {}
    # Those that reshape our tenant come last.
    for at, call in enumerate(sorted(ours, key=lambda call: "/admin" in call.route)):
        able = [one for one in people if call.is_api or not one.token]
        turn = seen[call.method, call.route] = seen.get((call.method, call.route), -1) + 1
        if EVERY == 1:
            yield from ((call, one) for one in able)
        elif not call.entity:
            yield from ((call, one) for one in (able[0], able[1 + at % (len(able) - 1)]))
        elif turn % EVERY == 0:
            yield call, able[turn // EVERY % len(able)]


def test_there_is_a_secret_in_every_table_and_its_own_people_see_it(street: Street) -> None:
    entities = [each.name for each in street.theirs.model.entities.values() if not each.system]

    seen = [
        name
        for name in entities
        if SECRET in street.ask_with(street.stranger.tokens["all"], Call(
            "GET", f"/api/v1/{street.theirs.tenant.name}/records/{name}", ""
        )).text
    ]  # fmt: skip

    assert street.filled == set(street.theirs.model.entities)
    assert len(seen) > len(entities) * 0.8, set(entities) - set(seen)


def test_every_documented_call_is_made(street: Street, every_call: Sequence[Call]) -> None:
    known = documented(street.document(street.ours, street.people["administrator"]))
    made = {(call.method, call.path) for call in every_call}

    missing = [
        each
        for each, pattern in known.items()
        if not any(method == each[0] and pattern.fullmatch(path) for method, path in made)
    ]

    assert missing == []


def test_no_call_in_any_role_shows_or_changes_anything_of_another_tenant(
    street: Street,
    installation: Installation,
    every_call: Sequence[Call],
    identities: Sequence[Identity],
) -> None:
    before = digest(installation, street.theirs)

    failures = [
        failure
        for call, identity in turns(every_call, identities)
        if (failure := broken(call, identity, asked(street, call, identity)))
    ]

    assert failures == []
    assert digest(installation, street.theirs) == before


def test_nothing_of_another_tenant_is_put_at_another_time_or_called_off(
    street: Street, every_call: Sequence[Call]
) -> None:
    """Asked for as the calendar that shows it does, so that the record itself is looked for."""
    admin = Identity("administrator", street.people["administrator"])
    moves = [each for each in every_call if each.route.endswith(IN_TIME) and "view" in each.query]

    answers = {as_text(call): asked(street, call, admin).status_code for call in moves}

    assert {call.route.rpartition("/")[2] for call in moves} == {"when", "series"}
    assert {each: status for each, status in answers.items() if status != 404} == {}


def test_no_call_reaches_another_tenant_by_its_name(
    street: Street, installation: Installation
) -> None:
    document = street.document(street.ours, street.people["administrator"])
    admin = street.people["administrator"]
    there = (f"/{street.theirs.tenant.name}", f"/api/v1/{street.theirs.tenant.name}")
    elsewhere = [
        call
        for call in calls(street.app, street.ours, document, street.theirs.tenant.name)
        if call.entity in ("", "customer", "opportunity") and call.path.startswith(there)
    ]
    before = digest(installation, street.theirs)

    assert elsewhere
    for call in elsewhere:
        for identity in (Identity("session", admin), Identity("token", admin, "all")):
            answer = asked(street, call, identity)
            # A page that is asked for with a token leads to the door.
            door = "/sign-in" in answer.headers.get("Location", "")
            assert answer.status_code == 404 or door, as_text(call)
    assert digest(installation, street.theirs) == before


def test_nobody_who_is_not_signed_in_is_told_anything(
    street: Street, every_call: Sequence[Call]
) -> None:
    stranger = street.app.test_client()
    closed = [
        call for call in every_call
        if call.entity in ("", "customer") and not call.route.startswith(OPEN)
    ]  # fmt: skip

    answers = [(as_text(call), stranger.open(call.path, **call.options())) for call in closed]

    assert [
        (call, answer.status_code)
        for call, answer in answers
        if answer.status_code not in (302, 401, 403, 404) or SECRET in answer.text
    ] == []


def test_no_page_of_another_site_changes_anything(
    street: Street, every_call: Sequence[Call]
) -> None:
    admin = street.people["administrator"]
    changes = [call for call in every_call if call.method != "GET" and call.entity in ("", "lead")]

    def forged(call: Call, headers: dict[str, str]) -> int:
        return street.browser(admin).open(call.path, headers=headers, **call.options()).status_code

    token = {"X-CSRF-Token": admin.csrf}
    assert [
        as_text(call)
        for call in changes
        if forged(call, token | {"Origin": "https://evil.example"}) != 403
        or (not call.route.startswith(OPEN) and forged(call, {}) not in (401, 403))
    ] == []


def test_routes_about_oneself_tell_nothing_of_others(
    street: Street, every_call: Sequence[Call]
) -> None:
    own = [call for call in every_call if call.route.startswith(OWN)]

    failures = []
    for call in own:
        one = Identity("self", person(street.house, street.ours, ("sales",), tokens=False))
        failures.append(broken(call, one, asked(street, call, one)))

    assert own
    assert list(filter(None, failures)) == []
    assert street.house.accounts.session(street.stranger.session) is not None


def test_an_answer_that_was_kept_for_another_tenant_is_not_repeated(street: Street) -> None:
    key = {"Idempotency-Key": "the same on both sides"}
    admin = street.people["administrator"]

    theirs, ours = (
        street.app.test_client().post(
            f"/api/v1/{tenant}/records/competitor", json={"name": name},
            headers={"Authorization": f"Bearer {token}", **key},
        )
        for tenant, token, name in (
            (street.theirs.tenant.name, street.stranger.tokens["all"], SECRET),
            (street.ours.tenant.name, admin.tokens["all"], "Ours"),
        )
    )  # fmt: skip

    assert theirs.status_code == ours.status_code == 201, theirs.text
    assert SECRET not in ours.text


def test_a_page_of_another_tenants_list_cannot_be_turned(street: Street) -> None:
    def page(tenant: str, token: str, cursor: str) -> TestResponse:
        query = {"limit": "1", "cursor": cursor} if cursor else {"limit": "1"}
        return street.ask_with(
            token, Call("GET", f"/api/v1/{tenant}/records/user", "", query=query)
        )

    theirs = page(street.theirs.tenant.name, street.stranger.tokens["all"], "")
    cursor = theirs.json["next"]
    ours = page(street.ours.tenant.name, street.people["administrator"].tokens["all"], cursor)

    assert cursor
    assert ours.status_code in (410, 422)


def test_a_session_is_dead_after_sign_out_and_a_planted_one_opens_nothing(street: Street) -> None:
    who = person(street.house, street.ours, ("sales",), tokens=False)
    home = Call("GET", f"/{street.ours.tenant.name}/records/customer", "")
    copied = street.browser(who)
    assert street.ask(copied, home, who).status_code == 200

    street.ask(street.browser(who), Call("POST", "/sign-out", "", form={}), who)

    assert street.ask(copied, home, who).status_code == 302
    planted = street.app.test_client()
    planted.set_cookie(COOKIE, "chosen-by-somebody-else")
    assert planted.get(home.path).status_code == 302


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer jn_nothing", "Basic eDp5", "Bearer \u00ff", "x"]
)
def test_a_token_that_is_none_opens_nothing_beside_a_live_session(
    street: Street, header: str
) -> None:
    admin = street.people["administrator"]
    path = f"/api/v1/{street.ours.tenant.name}/metadata"

    answer = street.browser(admin).get(path, headers={"Authorization": header})

    assert answer.status_code == 401


def test_no_tag_of_a_page_leads_to_another_site(street: Street, every_call: Sequence[Call]) -> None:
    admin = street.people["administrator"]
    pages = [
        call for call in every_call if call.method == "GET" and call.entity in ("", "customer")
    ]

    for call in pages:
        if call.is_api or call.route.startswith(OWN):
            continue
        answer = street.ask(street.browser(admin), call, admin)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        page = answer.get_data().decode(errors="replace")  # A picture is no text.
        assert not re.search(r"<(script|link|img|iframe|form)[^>]+(src|href|action)=.https?:", page)
        assert not re.search(r"<[a-z]+[^>]* (style|on[a-z]+)=", page), as_text(call)
