"""Server and workers killed at random while an app acts by itself: all is done, and once."""

from __future__ import annotations

import hmac
import http.client
import json
import os
import random
import re
import signal
import subprocess
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from boot.settings import read_settings
from boot.wiring import house
from engine.context import Cause
from tests.acceptance.product import JOINERY, Answer, Api, Product, new_home
from tests.workflow.mailing import Post, mail_server
from tests.workflow.test_mail_in import Server, mail
from tests.workflow.test_mail_in import running as running
from tests.workflow.test_webhooks import Receiver
from tests.workflow.test_webhooks import receiver as receiver
from workflow.messages.channels import Cabinet, Channels

MINUTES = float(os.environ.get("JOINERY_SOAK_MINUTES", "10"))

TENANT = "kills"

WRITERS = 2

AHEAD = timedelta(seconds=20)
"""How far ahead the date of a deal is: longer than the server is away when it is killed."""

DRAINING = 300
"""Seconds after which what was not done by then is taken for lost."""

APP = """
format: 1
app: {name: kills, label: Kills, version: "1", languages: [en], timezone: Etc/UTC}
entities:
  deal:
    label: Deal
    title: name
    fields:
      name: {type: text, required: true, unique: true}
      due: {type: datetime}
      mark: {type: text}
    pipelines:
      way: {field: stage, stages: {open: {label: Open}, won: {label: Won, ends: done}}}
    buttons:
      call: {label: Call, steps: {note: {create: note, set: {about: '"button " & name'}}}}
  question:
    label: Question
    title: name
    fields: {name: {type: text, required: true}}
  note:
    label: Note
    title: about
    fields: {about: {type: text}}
automations:
  marked:
    label: Marked
    immediate: true
    trigger: {on: created, entity: deal}
    steps: {mark: {set: {mark: name}}}
  made:
    label: Made
    trigger: {on: created, entity: deal}
    steps:
      note: {create: note, set: {about: '"made " & name'}}
      call: {webhook: {url: "URL", body: {name: name}}}
      write: {email: {to: 'name & "@acme.example"', subject: "{{ name }}", text: "{{ name }}"}}
  won:
    label: Won
    trigger: {on: stage, entity: deal, to: [won]}
    steps: {note: {create: note, set: {about: '"won " & name'}}}
  due:
    label: Due
    trigger: {on: date, entity: deal, field: due}
    steps: {note: {create: note, set: {about: '"due " & name'}}}
  minute:
    label: Minute
    trigger: {on: schedule, cron: "* * * * *"}
    steps: {note: {create: note, set: {about: '"minute"'}}}
  hooked:
    label: Hooked
    trigger: {on: webhook, input: {name: {type: text, required: true}}}
    steps: {note: {create: note, set: {about: '"hook " & input.name'}}}
  mailed:
    label: Mailed
    trigger: {on: email, address: desk@yard.example}
    steps: {note: {create: note, set: {about: '"mail " & input.subject'}}}
  asked:
    label: Asked
    trigger: {on: form, form: ask}
    steps: {note: {create: note, set: {about: '"form " & name'}}}
public_forms:
  ask: {label: Ask, entity: question, fields: {name: {required: true}}, thanks: {en: Thanks},
        hourly: 100000}
"""


@dataclass(slots=True)
class Works:
    """A product that serves, two workers beside it, and what is to come, and may come, of it."""

    product: Product
    environment: dict[str, str]
    api: Api
    secret: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    may: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def start_worker(self) -> None:
        with (self.product.home / "worker.log").open("ab") as log:
            self.workers.append(subprocess.Popen(
                [*JOINERY, "worker"], env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            ))  # fmt: skip

    def kill_worker(self, at: int) -> None:
        worker = self.workers.pop(at)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    @property
    def now(self) -> Api:
        """The API where it is served now."""
        return Api(self.product.port, self.api.tenant, self.api.token)

    def insist(self, ask: Callable[[Api], Answer], *good: int) -> Answer:
        """Send a request until it is answered; one that was cut off is sent again as it was."""
        while True:
            try:
                answer = ask(self.now)
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            if answer.status in good:
                return answer
            # Its first copy is still being worked on, or the database is away for a moment.
            assert answer.status in (409, 429, 503), answer.body
            time.sleep(0.1)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        engine = create_engine(self.product.database_url, poolclass=NullPool)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


@pytest.fixture
def works(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, fresh_database: URL, post: Post,
    receiver: Receiver, running: Server,
) -> Iterator[Works]:  # fmt: skip
    address = fresh_database.render_as_string(hide_password=False)
    product = Product(new_home(tmp_path_factory), address, settings={
        "JOINERY_SMTP": post.address,
        "JOINERY_ADDRESS": "https://crm.example.com",
        "JOINERY_OUTGOING_ALLOWED": "127.0.0.1",
        "JOINERY_WORKERS": "1",
    })  # fmt: skip
    product.joinery("init")
    app = tmp_path / "app.yaml"
    app.write_text(APP.replace("URL", receiver.url))
    product.tenant(TENANT, str(app))
    with house(read_settings({"home": str(product.home), "database_url": address})) as built:
        ctx = built.contexts.system(TENANT, cause=Cause("cli"))
        offered = built.services.webhooks_in.offered(ctx)
        cabinet, channels = Cabinet(built.master_key), Channels((running.mailbox(),))
        built.database.unit(ctx, lambda at: cabinet.write(ctx, at, channels))
    product.start()
    works = Works(product, product.environment(), product.api(TENANT), offered[0][2])
    for _ in range(2):
        works.start_worker()
    yield works
    for _ in range(len(works.workers)):
        works.kill_worker(0)
    product.kill()


@pytest.mark.soak
def test_whatever_is_killed_every_trigger_has_its_effect_once(
    works: Works, receiver: Receiver, post: Post, running: Server
) -> None:
    """Requirement P-05."""
    with ThreadPoolExecutor(WRITERS + 3) as pool:
        working = [pool.submit(_sell, works, writer) for writer in range(WRITERS)]
        working += [pool.submit(_hook, works), pool.submit(_ask, works)]
        working.append(pool.submit(_write_to, works, running))
        kills = _kill_at_random(works, time.monotonic() + MINUTES * 60)
        works.over.set()
        for each in working:
            each.result(timeout=120)

    assert kills > 0
    _wait_until_done(works)
    notes = works.now.everything("note", fields="about,created_at")
    found = Counter(row["about"] for row in notes if row["about"] != "minute")
    assert Counter(works.done) - found == Counter(), "some is missing"
    assert found - Counter(works.done) <= Counter(works.may), "some came twice"
    minutes = [row["created_at"][:16] for row in notes if row["about"] == "minute"]
    assert minutes and len(minutes) == len(set(minutes)), "a minute struck twice"
    deals = works.now.everything("deal", fields="name,mark")
    assert all(row["mark"] == row["name"] for row in deals)
    names = {row["name"] for row in deals}
    assert len(names) == len(deals)
    for state in ("failed", "stopped"):
        answer = works.now.call("GET", "/runs", query={"state": state})
        assert answer.body["data"] == [], answer.body
    _check_sent(names, [(json.loads(body)["name"], headers["webhook-id"])
                        for headers, body in receiver.taken])  # fmt: skip
    _check_sent(names, [(str(mail["Subject"]), str(mail["Message-ID"])) for mail in post.taken])


def _check_sent(names: set[str], sent: list[tuple[str, str]]) -> None:
    """Check that each was sent, and that a receiver knows what comes twice."""
    assert {name for name, _ in sent} == names
    assert len(set(sent)) == len(names), "one was sent under two ids"


def _sell(works: Works, writer: int) -> None:
    """Make deals, win them, press their button."""
    for number in count():
        if works.over.wait(0.15):
            return
        name = f"d{writer}x{number}"
        due = datetime.now(UTC) + AHEAD
        sold: dict[str, object] = {"name": name, "due": due.isoformat()}
        made = works.insist(_post("/records/deal", sold, f"{name} made"), 201)
        works.done.append(f"made {name}")
        # What is kept only after its date, as the server was away, may have missed the look at it.
        in_time = datetime.fromisoformat(made.body["created_at"]) < due
        (works.done if in_time else works.may).append(f"due {name}")
        place = f"/records/deal/{made.body['id']}"
        works.insist(_post(f"{place}/buttons/call", {"input": {}}, f"{name} pressed"), 200)
        works.done.append(f"button {name}")
        works.insist(_post(f"{place}/move", {"to": "won"}, f"{name} won"), 200)
        works.done.append(f"won {name}")


def _post(path: str, body: dict[str, object], key: str) -> Callable[[Api], Answer]:
    """Return what sends a request that is known when it comes again."""
    return lambda api: api.call("POST", path, body, headers={"Idempotency-Key": key})


def _hook(works: Works) -> None:
    """Call as another program does, signed anew each time and under the same id."""
    key = b64decode(works.secret.removeprefix("whsec_"))
    for number in count():
        if works.over.wait(0.3):
            return
        body = json.dumps({"name": f"h{number}"}).encode()

        def call(api: Api, number: int = number, body: bytes = body) -> Answer:
            at = int(time.time())
            mark = hmac.digest(key, f"h{number}.{at}.".encode() + body, sha256)
            return _web(api, f"/hooks/{TENANT}/hooked", body, {
                "webhook-id": f"h{number}", "webhook-timestamp": str(at),
                "webhook-signature": "v1," + b64encode(mark).decode(),
                "Content-Type": "application/json",
            })  # fmt: skip

        works.insist(call, 202)
        works.done.append(f"hook h{number}")


def _ask(works: Works) -> None:
    """Fill in the form as people do, slower than a program."""
    for number in count():
        page = works.insist(lambda api: _web(api, f"/forms/{TENANT}/ask"), 200).body
        found = re.search(r'name="ticket" value="([^"]+)"', page)
        assert found is not None, page
        if works.over.wait(3):
            return
        sent = urlencode({"ticket": found[1], "name": f"f{number}"}).encode()
        works.insist(partial(_web, path=f"/forms/{TENANT}/ask", body=sent), 200)
        works.done.append(f"form f{number}")


def _write_to(works: Works, server: Server) -> None:
    """Write to the mailbox, as many people do: each mail is from somebody else."""
    for number in count():
        if works.over.wait(0.4):
            return
        server.put(mail(f"m{number}", From=f"m{number}@acme.example").as_bytes())
        works.done.append(f"mail m{number}")


def _web(
    api: Api, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Ask for a page, or send something, without a sign-in."""
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        connection.request("POST" if body else "GET", path, body, {**form, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read().decode())
    finally:
        connection.close()


def _kill_at_random(works: Works, until: float) -> int:
    """Kill the server with the worker inside it, or a worker; return how often."""
    chance, kills = random.Random(20261122), 0
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.5, 6))
        victim = chance.choice(["server", "worker", "worker"])
        if victim == "server":
            works.product.kill()
            works.product.start()
        else:
            works.kill_worker(chance.randrange(2))
            works.start_worker()
        kills += 1
    return kills


def _wait_until_done(works: Works) -> None:
    """Wait until nothing is left to do, the dates of the last deals included."""
    waiting = (
        "SELECT count(*) FROM joinery.procrastinate_jobs "
        "WHERE status IN ('todo', 'doing') AND queue_name <> 'schedule'"
    )
    give_up = time.monotonic() + DRAINING
    while time.monotonic() < give_up:
        time.sleep(1)
        found = len(works.now.everything("note", fields="id", filter='about != "minute"'))
        if found >= len(works.done) and works.rows(waiting) == [(0,)]:
            return
