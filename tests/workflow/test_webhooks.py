"""Calls to other programs: real ones, signed, sent until they are taken."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Any

import pytest
from sqlalchemy import text

from boot.tasks import tasks
from engine.accounts.ledger import Ledger
from engine.errors import EngineError
from engine.jobs import Job, state_of
from engine.mail import Post
from engine.outgoing.allowance import Allowance
from engine.outgoing.calls import Limits, Outgoing
from engine.outgoing.errors import OutgoingFailed, OutgoingRefused
from engine.tenants.quiet import keep_quiet
from engine.worker import Worker
from tests.attending import work_off
from tests.workflow.conftest import Yard, Yards, silent
from workflow.told_calls import ToldCalls
from workflow.webhooks import TASK, CallFailed, CallTask, secret_for

CALLING = """
automations:
  tell:
    label: Tell
    trigger: {on: created, entity: delivery}
    steps:
      call:
        webhook:
          url: "URL"
          headers: {X-Yard: "1", Webhook-Id: forged}
          body: {code: code, worth: value * 2, when: checked_on, lines: COUNT(lines)}
"""


@dataclass
class Receiver:
    """A program that takes calls, answering with each status in turn, the last for good."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [200])
    body: bytes = b""
    sleeps: float = 0
    elsewhere: str = ""
    retry_after: str = ""
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.taken.append(({k.lower(): v for k, v in self.headers.items()}, body))
            found.paths.append(self.path)
            sleep(found.sleeps)
            self.send_response(found.answers.pop(0) if len(found.answers) > 1 else found.answers[0])
            if found.elsewhere:
                self.send_header("Location", found.elsewhere)
            if found.retry_after:
                self.send_header("Retry-After", found.retry_after)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            with suppress(OSError):
                # Whoever called may have had enough.
                self.wfile.write(found.body)

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/taken?key=1"
    yield found
    server.shutdown()
    server.server_close()


def call_task(yard: Yard, allowed: str = "127.0.0.1") -> CallTask:
    key = yard.house.master_key
    told = ToldCalls(yard.house.database, lambda _: yard.ctx)
    return CallTask(Post(key), key, Outgoing(Allowance.of(allowed)), told)


def queued(yard: Yard) -> list[Job]:
    """Return the calls that wait in the queue, as a worker is given them."""
    with yard.house.database.queue(yard.ctx.tenant.database) as connection:
        rows = connection.execute(text(
            "SELECT id, args->'payload' FROM joinery.procrastinate_jobs "
            "WHERE task_name = :task AND args->>'tenant' = :tenant ORDER BY id"
        ), {"task": TASK, "tenant": yard.ctx.tenant.role})  # fmt: skip
        return [Job(row[0], yard.ctx.tenant.name, row[1], 1, silent) for row in rows]


def told_of(yard: Yard) -> dict[str, object]:
    """Return what the only run tells of its call."""
    (run,) = yard.runs()
    (words,) = (each.words for each in run.steps if each.what == "done")
    return {name: each for name, each in words.items() if name != "id"}


def test_a_run_tells_of_a_call_that_is_never_taken_until_it_is(
    yard_with: Yards, receiver: Receiver
) -> None:
    yard, where = yard_with(CALLING.replace("URL", receiver.url)), receiver.url.partition("?")[0]
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    (job,), task = queued(yard), call_task(yard)
    assert told_of(yard) == {"called": where}

    task.give_up(job)
    assert told_of(yard) == {"not_taken": where}
    task.run(job)
    assert told_of(yard) == {"called": where}


def test_a_call_that_waited_when_its_tenant_was_made_quiet_is_not_made(
    yard_with: Yards, receiver: Receiver
) -> None:
    yard = yard_with(CALLING.replace("URL", receiver.url))
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    (job,) = queued(yard)
    notes: list[str] = []

    keep_quiet(Ledger(yard.house.database), yard.ctx.tenant.name, quiet=True)
    tasks(yard.house)[TASK].run(replace(job, report=lambda done, total, note: notes.append(note)))

    assert notes == ["tenant_quiet"]
    assert receiver.taken == []
    # Its run does not say that it called: it says that it did not, and why is a word of the screen.
    assert told_of(yard) == {"not_called": receiver.url.partition("?")[0]}


def test_an_address_outside_is_called_with_values_and_a_signature(
    yard_with: Yards, receiver: Receiver
) -> None:
    """Requirement P-05."""
    yard = yard_with(CALLING.replace("URL", receiver.url))
    yard.create("delivery", {"code": "D-1", "value": "12.50", "checked_on": "2026-03-02"})
    assert queued(yard) == []

    yard.work()
    (job,) = queued(yard)
    call_task(yard).run(job)

    ((headers, body),) = receiver.taken
    assert json.loads(body) == {
        "code": "D-1", "worth": "25.00", "when": "2026-03-02", "lines": "0"
    }  # fmt: skip
    id_, at, said = (headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    secret = b64decode(secret_for(yard.house.master_key, yard.ctx.tenant).removeprefix("whsec_"))
    expected = hmac.new(secret, f"{id_}.{at}.".encode() + body, sha256).digest()
    assert said == "v1," + b64encode(expected).decode()
    assert (headers["x-yard"], id_.startswith("msg_")) == ("1", True)
    assert "D-1" not in json.dumps(dict(job.payload)), "what is said lies open in the queue"


def test_a_copy_that_writes_to_nobody_calls_nobody_and_says_so(
    yard_with: Yards, receiver: Receiver
) -> None:
    whole = yard_with(CALLING.replace("URL", receiver.url))
    quiet = replace(whole.ctx.tenant, quiet=True)
    yard = replace(whole, ctx=replace(whole.ctx, tenant=quiet))
    yard.create("delivery", {"code": "D-1", "value": "12.50"})

    yard.work()

    assert queued(yard) == []
    (run,) = yard.runs()
    done = [dict(each.words) for each in run.steps if each.what == "done"]
    assert done == [{"not_called": receiver.url.partition("?")[0]}]


def test_a_call_that_is_not_taken_is_made_again_under_the_same_id(
    yard_with: Yards, receiver: Receiver
) -> None:
    receiver.answers = [503, 200]
    yard = yard_with(CALLING.replace("URL", receiver.url))
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    (job,) = queued(yard)

    with pytest.raises(CallFailed):
        call_task(yard).run(job)
    assert told_of(yard) == {"not_yet": receiver.url.partition("?")[0]}
    call_task(yard).run(job)

    assert told_of(yard) == {"called": receiver.url.partition("?")[0]}
    first, second = (headers["webhook-id"] for headers, _ in receiver.taken)
    assert first == second


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("7000", 7000, 7000), ("IN 5 HOURS", 17_000, 18_000),
     ("Sun, 06 Nov 1994 08:49:37 GMT", 0, 0), ("999999999", 86_400, 86_400), ("soon", 0, 0),
     ("", 0, 0), ("-5", 0, 0), ("\u0663", 0, 0)],
)  # fmt: skip
def test_a_receiver_says_how_long_it_wants_to_be_left_alone(
    yard_with: Yards, receiver: Receiver, asked: str, least: float, most: float
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=5), usegmt=True)
    asked = asked.replace("IN 5 HOURS", later)
    receiver.answers, receiver.retry_after = [429], asked.encode().decode("latin-1")
    yard = yard_with(CALLING.replace("URL", receiver.url))
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    (job,) = queued(yard)

    with pytest.raises(CallFailed) as failed:
        call_task(yard).run(job)

    assert failed.value.wait is not None
    assert least <= failed.value.wait <= most


def test_a_receiver_that_is_gone_for_good_is_called_once_and_the_run_says_so(
    yard_with: Yards, receiver: Receiver
) -> None:
    receiver.answers = [410]
    yard = yard_with(CALLING.replace("URL", receiver.url))
    yard.create("delivery", {"code": "D-1"})
    yard.work()

    task = call_task(yard)
    work_off(Worker(yard.house.database, {TASK: task}))

    assert len(receiver.taken) == 1
    assert told_of(yard) == {"not_taken": receiver.url.partition("?")[0]}
    (job,) = queued(yard)
    state = state_of(yard.house.database, yard.ctx.tenant, job.id)
    assert state is not None
    assert (state.status, state.attempts) == ("failed", 1)


def test_machines_inside_the_own_network_are_not_called(
    yard_with: Yards, receiver: Receiver
) -> None:
    yard = yard_with(CALLING.replace("URL", receiver.url))
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    (job,) = queued(yard)

    with pytest.raises(OutgoingRefused):
        call_task(yard, allowed="").run(job)

    assert receiver.taken == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"sleeps": 0.4}, "slow"), ({"body": b"x" * 10_000_001}, "large"),
     ({"answers": [307], "elsewhere": "/taken"}, "redirects"),
     ({"answers": [302], "elsewhere": "/asked"}, "redirects"),
     ({"answers": [307], "elsewhere": "http://10.0.0.1/"}, "refused")],
    ids=["hangs", "answers without end", "sends round", "sends on as a question", "sends inside"],
)  # fmt: skip
def test_a_receiver_that_behaves_badly_holds_nobody_up_and_is_called_again(
    yard_with: Yards, receiver: Receiver, wrong: dict[str, Any], reason: str
) -> None:
    yard = yard_with(CALLING.replace("URL", receiver.url))
    yard.create("delivery", {"code": "D-1"})
    yard.work()
    (job,) = queued(yard)
    outgoing = Outgoing(Allowance.of("127.0.0.1"), Limits(seconds=0.2))
    task = replace(call_task(yard), outgoing=outgoing)
    for name, value in wrong.items():
        setattr(receiver, name, value)

    with pytest.raises((OutgoingFailed, OutgoingRefused), match=reason):
        task.run(job)
    assert [run.state for run in yard.runs()] == ["done"], "the run does not wait for it"

    receiver.answers, receiver.body, receiver.sleeps, receiver.elsewhere = [200], b"", 0, ""
    call_task(yard).run(job)
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1


def test_nobody_is_called_for_what_was_taken_back(yard_with: Yards, receiver: Receiver) -> None:
    steps = CALLING.replace("URL", receiver.url).rstrip("\n")
    steps += '\n      wrong: {create: job, set: {name: code, minutes: "0 - 5"}}\n'
    yard = yard_with(steps)
    yard.create("delivery", {"code": "D-1"})

    yard.work()

    assert [run.state for run in yard.runs()] == ["failed"]
    assert queued(yard) == []
    assert issubclass(CallFailed, EngineError)
