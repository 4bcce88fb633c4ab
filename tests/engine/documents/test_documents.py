"""Papers made of records: what stands on them, who may read it, and where pages break."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from engine.documents.errors import DocumentRefused
from engine.documents.press import Press
from engine.documents.service import Documents
from engine.doors import Edit
from engine.errors import NotFound
from engine.query.told import Telling
from tests.engine.documents.conftest import Desk, Read
from ui.bundle import LETTERS
from ui.wording import PaperWording


def test_a_quote_prints_the_figures_that_the_record_has(desk: Desk, read: Read) -> None:
    """P-24, Q-11: to the cent, and in capitals."""
    paper = desk.paper(desk.quote())

    (page,) = read(paper.content)
    for figure in ("5,699.97", "899.85", "0.17", "6,599.99", "7,457.99"):
        assert figure in page
    assert "柒仟肆佰伍拾柒元玖角玖分" in page
    assert "第 1 页 共 1 页" in page
    assert "北京泵业" in page
    assert "进行中" in page
    assert "液压泵 (Q-1)" in page


def test_a_paper_speaks_the_language_that_is_asked_for(desk: Desk, read: Read) -> None:
    (page,) = read(desk.paper(desk.quote(), language="en").content)

    assert "Open, 31 Mar 2026" in page
    assert "Page 1 of 1" in page


def test_a_long_quote_repeats_its_head_and_keeps_its_totals_together(
    desk: Desk, read: Read
) -> None:
    pages = read(desk.paper(desk.quote("Q-120", lines=120)).content)

    assert len(pages) > 2
    lined = [page for page in pages if "零件" in page]
    assert all("产品 数量 金额" in page for page in lined)
    last = pages[-1]
    assert all(word in last for word in ("零件", "小计", "合计", "大写"))
    assert f"第 {len(pages)} 页 共 {len(pages)} 页" in last


def test_what_somebody_may_not_read_stands_on_none_of_their_papers(desk: Desk, read: Read) -> None:
    """B-02: masks stay masks, hidden fields stay hidden, and so does what follows from them."""
    record = desk.quote(hidden=9)

    (whole,) = read(desk.paper(record).content)
    (less,) = read(desk.seen_by("seller").paper(record).content)

    assert all(word in whole for word in ("13812345678", "绝密", "机密"))
    assert not any(word in less for word in ("13812345678", "绝密", "机密"))
    assert all(word in less for word in ("138****5678", "公开", "7,457.99"))


def test_a_record_that_somebody_may_not_read_has_no_papers(desk: Desk) -> None:
    stranger = desk.seen_by()

    with pytest.raises(NotFound):
        stranger.paper(desk.quote())


def test_a_document_of_other_roles_is_not_there(desk: Desk) -> None:
    seller, manager = desk.seen_by("seller"), desk.seen_by("manager")

    assert [each.name for each in seller.documents.offered(seller.ctx, "quote")] == ["paper"]
    assert len(manager.documents.offered(manager.ctx, "quote")) == 2


def test_a_document_is_refused_before_its_condition_holds(desk: Desk) -> None:
    empty = desk.house.writer.create(desk.ctx, "quote", [{"code": "Q-0"}]).ids[0]

    with pytest.raises(DocumentRefused, match="document_not_now"):
        desk.paper(empty)


def test_values_are_text_whatever_they_hold(desk: Desk, read: Read) -> None:
    """N-01: a value is no markup, and a name of a file leads nowhere."""
    record = desk.quote("../../<script>", about="一行\n<img src=file:///etc/passwd>")

    paper = desk.paper(record)

    assert "/" not in paper.name
    assert paper.name.endswith(".pdf")
    assert "<img src=file:///etc/passwd>" in read(paper.content)[0]


def test_pictures_of_a_record_stand_on_its_paper_as_many_as_there_is_room_for(desk: Desk) -> None:
    out = BytesIO()
    Image.new("RGB", (40, 30), "#c00").save(out, "PNG")
    kept = desk.house.services.files.upload(desk.ctx, "stamp.png", BytesIO(out.getvalue()))
    record = desk.quote(pictures=[str(kept.id)])
    document = desk.documents.named(desk.ctx, desk.ctx.model.entities["quote"], "paper")

    html = desk.documents.page(desk.ctx, document, record, language="zh")

    assert html.count("data:image/png;base64,") == 2
    assert "qr:" not in html
    house = desk.house
    few = Documents(
        Telling(house.database, house.access), house.services.files, house.services.logos,
        house.services.press, PaperWording, pictures=kept.size,
    )  # fmt: skip
    assert few.page(desk.ctx, document, record, language="zh") == html
    with pytest.raises(DocumentRefused, match="documents_pictures"):
        few.make(desk.ctx, document, [record, record], language="zh")


def test_many_papers_are_one_file_or_each_its_own(desk: Desk, read: Read) -> None:
    ids = [desk.quote(f"Q-{at}") for at in range(3)]
    document = desk.documents.named(desk.ctx, desk.ctx.model.entities["quote"], "paper")

    pages = read(desk.documents.together(desk.ctx, document, ids, language="zh"))
    each = desk.documents.make(desk.ctx, document, ids)

    assert len(pages) == len(each) == 3
    assert all("第 1 页 共 1 页" in page for page in pages)
    assert [f"报价单 Q-{at}" in page for at, page in enumerate(pages)] == [True] * 3


def test_a_kept_paper_stays_as_it_was(desk: Desk, read: Read) -> None:
    record = desk.quote()
    document = desk.documents.named(desk.ctx, desk.ctx.model.entities["quote"], "paper")

    kept = desk.documents.keep(desk.ctx, document, record, language="zh")
    desk.house.writer.update(desk.ctx, "quote", [Edit(record, {"code": "Q-1-changed"})])

    files = desk.house.services.files
    assert [each.name for each in files.attached(desk.ctx, "quote", record)] == [kept.name]
    with files.open(desk.ctx, kept.id).content as content:
        (page,) = read(content.read())
    assert "Q-1-changed" not in page


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "//elsewhere/x.css"]
)
def test_a_press_fetches_nothing(address: str, read: Read) -> None:
    html = (
        f'<link rel="stylesheet" href="{address}"><style>@import "{address}"</style>'
        f'<img src="{address}"><object data="{address}"></object><p>still printed</p>'
    )

    (page,) = read(Press(LETTERS).pdf(html))

    assert page.strip() == "still printed"


def test_a_press_without_letters_says_so() -> None:
    with pytest.raises(DocumentRefused, match="letters_missing"):
        Press(LETTERS / "nowhere").pdf("<p>x</p>")
