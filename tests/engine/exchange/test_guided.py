"""An import step by step: what is suggested, asked, decided, stopped, and taken back."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from boot.wiring import House
from engine.context import Cause, Context
from engine.doors import Edit
from engine.errors import NotFound
from engine.exchange.guided import ImportNotThere
from engine.exchange.journal import ImportState
from engine.exchange.sources import Origin
from engine.exchange.turns import PATIENCE, Chosen
from engine.query.parse import parse_filter
from engine.query.spec import ListQuery
from tests.budget import examples
from tests.conftest import TenantMaker

APP = """
format: 1
app: {name: fair, label: Fair, version: "1", languages: [zh, en]}
entities:
  channel:
    label: Channel
    title: name
    fields:
      name: {type: text, required: true, unique: true, search: true}
  lead:
    label: {zh: 线索, en: Lead}
    title: name
    fields:
      name: {type: text, required: true, search: true, label: {zh: 姓名, en: Name}}
      company: {type: text, label: {zh: 公司名称, en: Company}}
      mobile: {type: phone, label: {zh: 手机, en: Mobile}}
      email: {type: email, label: {zh: 电子邮箱, en: E-mail}}
      met_on: {type: date, label: {zh: 会面日, en: Met on}}
      level: {type: choice, options: {hot: {label: Hot}, cold: {label: Cold}}, label: 级别}
      channel: {type: link, to: channel, inverse: leads, label: {zh: 来源渠道, en: Channel}}
      note: {type: text, label: {zh: 备注, en: Note}}
"""

HEADER = "公司,联系人姓名,联系电话,电子邮件地址,日子,级别,渠道,备注栏"


@dataclass(frozen=True, slots=True, repr=False)
class Fair:
    """Somebody with files of leads, for whom time goes on."""

    house: House
    at_first: Context

    @property
    def ctx(self) -> Context:
        return replace(self.at_first, moment=replace(self.at_first.moment, now=datetime.now(UTC)))

    def keep(self, text: str, name: str = "leads.csv") -> UUID:
        return self.house.services.guided.keep(self.ctx, "lead", Origin(name, text.encode()))

    def run(self, text: str, **chosen: Any) -> ImportState:
        """Take a file in to its end, as the worker does."""
        mode, key = chosen.pop("mode", "insert"), chosen.pop("key", "")
        kept = self.keep(text)
        guided = self.house.services.guided
        begun = Chosen(json.dumps(chosen), mode, key)
        guided.begin(self.ctx, kept, begun, job={"account": "", "language": "en"})
        return self.work(kept)

    def work(self, kept: UUID) -> ImportState:
        ctx = replace(self.ctx, cause=Cause("import", str(kept)))
        return self.house.services.importer.run(ctx, kept)

    def leads(self) -> dict[str, dict[str, Any]]:
        """Return the leads that are not in the trash, by name: what they hold."""
        plain = parse_filter(self.ctx, "lead", 'not STARTSWITH(name, "paused")')
        page = self.house.services.reader.find(self.ctx, ListQuery("lead", plain, limit=500))
        fields = self.ctx.model.entities["lead"].fields
        keys = [key for key in ("name", "company", "mobile", "note", "level") if key in fields]
        return {
            str(row.values["name"]): {"id": row.id, **{key: row.values[key] for key in keys}}
            for row in page.rows
        }


@pytest.fixture(scope="module")
def fair(house: House, tenant_of: TenantMaker) -> Fair:
    return Fair(house, tenant_of(APP))


def test_columns_find_their_fields_by_name_by_other_words_and_by_what_they_hold(fair: Fair) -> None:
    text = "\n".join([
        HEADER,
        "甲公司,王一,13911112222,a@x.cn,2026-03-01,热,展会,好",
        "乙公司,王二,13911112223,b@x.cn,2026-03-02,冷,展会,",
    ])  # fmt: skip

    look = fair.house.services.guided.look(fair.ctx, fair.keep(text))

    found = {
        column: (each.field, each.why)
        for column, each in zip(look.header, look.suggested, strict=True)
    }
    assert found == {
        "公司": ("company", "called"),
        "联系人姓名": ("name", "alike"),
        "联系电话": ("mobile", "called"),
        "电子邮件地址": ("email", "holds"),
        "日子": ("met_on", "holds"),
        "级别": ("level", "named"),
        "渠道": ("channel", "alike"),
        "备注栏": ("note", "alike"),
    }


def test_a_file_like_one_before_is_read_as_it_was(fair: Fair) -> None:
    text = "wer,was\nearlier one,x\n"
    fair.run(text, columns={"wer": "name", "was": "note"})

    look = fair.house.services.guided.look(fair.ctx, fair.keep("wer,was\nlater one,y\n"))

    assert [(each.field, each.why) for each in look.suggested] == [
        ("name", "earlier"),
        ("note", "earlier"),
    ]


def test_unknown_options_and_records_are_asked_about_once_each(fair: Fair) -> None:
    fair.house.writer.create(fair.ctx, "channel", [{"name": "行业展会"}])
    kept = fair.keep("name,level,channel\nu1,Hott,展会\nu2,hot,展会\nu3,,行业展会\n")

    asked = fair.house.services.import_questions.unmatched(fair.ctx, kept, Chosen("{}"))

    assert [each.column for each in asked] == ["level", "channel"]
    level, channel = asked
    assert [(one.value, one.rows) for one in level.values] == [("Hott", 1)]
    assert level.values[0].near[0].value == "hot"
    assert [(one.value, one.rows) for one in channel.values] == [("展会", 2)]
    assert channel.values[0].near[0].label == "行业展会"
    assert channel.makes


def test_values_go_where_somebody_said_and_missing_records_are_made(fair: Fair) -> None:
    text = "name,level,channel\nv1,warm,街头\nv2,warm,街头\nv3,whatever,\n"

    done = fair.run(text, values={"level": {"warm": "hot", "whatever": None}}, create=["channel"])

    assert done.counts == {"created": 3, "updated": 0, "rejected": 0}
    assert [fair.leads()[name]["level"] for name in ("v1", "v2", "v3")] == ["hot", "hot", None]
    channels = fair.house.services.reader.search(fair.ctx, "街头", entities=("channel",))
    assert len(channels) == 1


def test_a_rehearsal_makes_nothing_not_even_what_is_missing(fair: Fair) -> None:
    kept = fair.keep("name,channel\nw1,无人区\n")
    chosen = Chosen(json.dumps({"create": ["channel"]}))

    state = fair.house.services.guided.rehearse(fair.ctx, kept, chosen)

    assert state.counts == {"created": 1, "updated": 0, "rejected": 0}
    assert "w1" not in fair.leads()
    assert fair.house.services.reader.search(fair.ctx, "无人区", entities=("channel",)) == ()


def test_rows_that_look_like_records_are_told_and_met_as_somebody_decides(fair: Fair) -> None:
    """C-31: by a phone, and by a name with a slip in it."""
    for name, mobile in (("苏州恒力精密机械有限公司", ""), ("Somebody", "13800001111")):
        fair.house.writer.create(fair.ctx, "lead", [{"name": name, "mobile": mobile or None}])
    text = (
        "name,mobile,note\n苏州恒力精密机械有限公司。,,skip me\n"
        "Other,138-0000-1111,change me\nQuite new,13800002222,new\n"
    )
    kept = fair.keep(text)

    found = fair.house.services.import_questions.alike(fair.ctx, kept, Chosen("{}"))

    assert [(each.line, each.title) for each in found] == [
        (2, "苏州恒力精密机械有限公司"), (3, "Somebody"),
    ]  # fmt: skip
    rows = {"2": "skip", "3": str(found[1].record)}
    done = fair.run(text, rows=rows)
    assert done.counts == {"created": 1, "updated": 1, "rejected": 0, "skipped": 1}
    leads = fair.leads()
    assert leads["Other"]["id"] == found[1].record
    assert leads["Other"]["note"] == "change me"
    assert "Quite new" in leads


def test_an_import_is_begun_once_however_often_it_is_sent(fair: Fair) -> None:
    kept = fair.keep("name\nonce\n")
    guided = fair.house.services.guided
    chosen = Chosen("{}")

    first = guided.begin(fair.ctx, kept, chosen, job={"account": "", "language": "en"})
    fair.work(kept)
    again = guided.begin(fair.ctx, kept, chosen, job={"account": "", "language": "en"})

    assert (first.state, again.state) == ("waiting", "done")
    assert again.counts["created"] == 1


def test_a_paused_import_stands_and_goes_on(fair: Fair) -> None:
    text = "name\n" + "".join(f"paused {at}\n" for at in range(1500))
    kept = fair.keep(text)
    guided, job = fair.house.services.guided, {"account": "", "language": "en"}
    guided.begin(fair.ctx, kept, Chosen("{}"), job=job)

    guided.pause(fair.ctx, kept)
    stood = fair.work(kept)
    guided.resume(fair.ctx, kept, job=job)
    ended = fair.work(kept)

    assert (stood.state, stood.done) == ("paused", 0)
    assert (ended.state, ended.counts["created"]) == ("done", 1500)


def test_a_stopped_import_keeps_what_it_wrote_and_nothing_follows(fair: Fair) -> None:
    kept = fair.keep("name\nstopped\n")
    guided, job = fair.house.services.guided, {"account": "", "language": "en"}
    guided.begin(fair.ctx, kept, Chosen("{}"), job=job)

    stopped = guided.cancel(fair.ctx, kept)

    assert fair.work(kept).state == stopped.state == "cancelled"
    assert "stopped" not in fair.leads()
    with pytest.raises(ImportNotThere):
        guided.rehearse(fair.ctx, kept, Chosen("{}"))


def test_an_import_of_somebody_else_is_not_there(fair: Fair) -> None:
    kept = fair.keep("name\nmine\n")
    person = replace(fair.ctx.actor, kind="person", user=kept, roles=("administrator",))
    stranger = replace(fair.ctx, actor=person)

    for act in (fair.house.services.guided.look, fair.house.services.guided.pause,
                fair.house.services.taking_back.undo):  # fmt: skip
        with pytest.raises(NotFound):
            act(stranger, kept)


EDITS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["note", "company"]), st.sampled_from(["x", "y"])),
    max_size=6,
)


def test_a_file_that_nobody_began_goes_whoever_kept_it(fair: Fair) -> None:
    """What people sent is not left lying because they never came back."""
    guided, parts = fair.house.services.guided, fair.ctx.compiled.tables.of("sys_import_part")
    left = fair.keep("name\nLeft lying\n")
    later = replace(fair.ctx.moment, now=fair.ctx.now + PATIENCE + timedelta(minutes=1))
    stranger = replace(fair.ctx.actor, kind="person", user=left, roles=("administrator",))
    other = replace(fair.ctx, moment=later, actor=stranger)

    guided.keep(other, "lead", Origin("more.csv", b"name\nMore\n"))

    with pytest.raises(NotFound):
        guided.look(fair.ctx, left)
    with fair.house.database.reading(fair.ctx) as connection:
        held = connection.execute(select(parts.c.body)).scalars().all()
    assert not [each for each in held if "Left lying" in str(each)]


def test_taking_back_restores_all_but_what_somebody_changed_since(fair: Fair) -> None:
    """P-34: three records are changed by a file, three made; others edit some of them after."""

    @given(edits=EDITS, changed=st.sets(st.integers(0, 2)))
    @settings(max_examples=examples(4), deadline=None, phases=[Phase.explicit, Phase.generate])
    def restores(edits: list[tuple[int, str, str]], changed: set[int]) -> None:
        check_taking_back(fair, edits, changed)

    restores()


def check_taking_back(fair: Fair, edits: list[tuple[int, str, str]], changed: set[int]) -> None:
    """Import over three records and make three; edit; take back; compare with what should be."""
    writer, tag = fair.house.writer, fair.keep("name\nx\n").hex[-12:]
    names = [f"{tag}-{at}" for at in range(6)]
    old = [{"name": name, "note": "old", "company": "old"} for name in names[:3]]
    ids = writer.create(fair.ctx, "lead", old).ids
    rows = {str(at + 2): str(ids[at]) if at in changed else "skip" for at in range(3)}
    text = "name,note,company\n" + "".join(f"{name},new,new\n" for name in names)
    done = fair.run(text, rows=rows)
    leads, touched = fair.leads(), dict[int, dict[str, str]]()
    for at, field, value in edits:
        writer.update(fair.ctx, "lead", [Edit(leads[names[at]]["id"], {field: value})])
        touched.setdefault(at, {})[field] = value

    _, kept = fair.house.services.taking_back.undo(fair.ctx, done.id)

    after = fair.leads()
    for at, name in enumerate(names[:3]):
        held = {field: after[name][field] for field in ("note", "company")}
        assert held == {"note": "old", "company": "old"} | touched.get(at, {})
    assert [name in after for name in names[3:]] == [at in touched for at in (3, 4, 5)]
    assert {each.id for each in kept} >= {leads[names[at]]["id"] for at in touched if at > 2}
    assert fair.house.services.importer.state(fair.ctx, done.id).state == "undone"


def test_an_import_is_taken_back_once(fair: Fair) -> None:
    done = fair.run("name\ntwice back\n")
    fair.house.services.taking_back.undo(fair.ctx, done.id)

    with pytest.raises(ImportNotThere):
        fair.house.services.taking_back.undo(fair.ctx, done.id)
