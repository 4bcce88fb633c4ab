"""One kind of record as an administrator changes it: fields, stages, form, lists, rules."""

from __future__ import annotations

from dataclasses import dataclass

from metamodel.model import Entity
from ui.screen import Screen
from ui.viewmodels.admin.reshape.drafting import DraftBar, Drafted, draft_bar
from ui.viewmodels.admin.reshape.fields import FieldGroup, field_groups
from ui.viewmodels.admin.reshape.layout import FormView, ListView, form_view, list_views
from ui.viewmodels.admin.reshape.origins import origins_below
from ui.viewmodels.admin.reshape.rules import RuleLine, rule_lines, rule_url
from ui.viewmodels.admin.reshape.stages import PipelineView, pipelines_of
from ui.viewmodels.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class KindPage:
    """Everything of one kind of record that can be changed on a screen."""

    shell: Shell
    heading: str
    icon: str
    name: str
    groups: tuple[FieldGroup, ...]
    pipelines: tuple[PipelineView, ...]
    form: FormView
    lists: tuple[ListView, ...]
    rules: tuple[RuleLine, ...]
    bar: DraftBar
    kinds_url: str
    records_url: str
    add_field_url: str
    add_rule_url: str
    used_url: str
    retire_url: str

    @property
    def fields(self) -> int:
        """Return how many fields there are."""
        return sum(len(group.lines) for group in self.groups)

    @property
    def stages(self) -> int:
        """Return how many stages there are."""
        return sum(len(pipeline.stages) for pipeline in self.pipelines)


def kind_page(screen: Screen, drafted: Drafted, entity: Entity) -> KindPage:
    """Return one kind of record as the draft has it."""
    over = drafted.screen
    origins = origins_below(over.ctx.model, "entities", entity.name)
    heading = over.entity_label(entity)
    live = screen.ctx.model.entities.get(entity.key)
    return KindPage(
        shell=shell(screen, heading, screen.url("admin", "forms")),
        heading=heading,
        icon=entity.icon or "forms",
        name=entity.name,
        groups=field_groups(over, entity, origins),
        pipelines=pipelines_of(over, entity, origins),
        form=form_view(over, entity),
        lists=list_views(over, entity),
        rules=rule_lines(over, entity, origins),
        bar=draft_bar(screen, drafted),
        kinds_url=screen.url("admin", "forms"),
        records_url=screen.url("records", live.name) if live and not live.child_of else "",
        add_field_url=screen.url("admin", "forms", entity.name, "add", "field"),
        add_rule_url=rule_url(screen, entity, "add"),
        used_url=screen.url("admin", "forms", entity.name, "used"),
        retire_url="" if entity.builtin else screen.url("admin", "forms", entity.name, "retire"),
    )
