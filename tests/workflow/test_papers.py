"""Steps that make a document of the record at hand."""

from __future__ import annotations

from tests.workflow.conftest import APP, Yards

PAPERS = """
documents:
  slip:
    label: Slip
    entity: delivery
    format: html
    file_name: code
    template: "<p>{{ code }} {{ note }}</p>"
automations:
  printed:
    label: Printed
    trigger: {on: created, entity: delivery}
    steps:
      mark: {set: {note: '"seen"'}}
      slip: {document: slip}
"""


def test_a_document_shows_what_earlier_steps_wrote_and_is_attached(yard_with: Yards) -> None:
    """Requirement P-05."""
    tracked = APP.replace("    title: code", "    track: true\n    title: code")
    yard = yard_with(PAPERS, tracked)
    delivery = yard.create("delivery", {"code": "D-7"})
    automation = yard.ctx.model.automations["printed"]
    yard.house.services.trials.on(yard.ctx, automation, delivery)
    assert yard.house.files.attached(yard.ctx, "delivery", delivery) == ()

    yard.work()

    (run,) = yard.runs("printed")
    assert run.state == "done", run.error
    (file,) = yard.house.files.attached(yard.ctx, "delivery", delivery)
    with yard.house.files.open(yard.ctx, file.id).content as content:
        assert "D-7 seen" in content.read().decode()
