"""What a message looks like as a page of HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from workflow.messages.message import Message
from workflow.messages.paging import Paging


def page_of(words: str) -> str:
    message = Message(
        UUID(int=1), "out", "email", "sent", "lin@example.com", "1@example.com", datetime.now(UTC),
        body=words,
    )  # fmt: skip
    return Paging(message).page


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (
            "See https://crm.example.com/a?b=1&c=2.",
            'See <a href="https://crm.example.com/a?b=1&amp;c=2">'
            "https://crm.example.com/a?b=1&amp;c=2</a>.",
        ),
        (
            "请看（https://crm.example.com/客户/1），谢谢",
            '请看（<a href="https://crm.example.com/客户/1">https://crm.example.com/客户/1</a>），谢谢',
        ),
        ("javascript:alert(1) <b>", "javascript:alert(1) &lt;b&gt;"),
        ("a\nhttp://x.cn/1\nb", 'a<br><a href="http://x.cn/1">http://x.cn/1</a><br>b'),
    ],
    ids=["with a full stop behind", "among Chinese words", "no address", "on its own line"],
)
def test_addresses_among_words_are_links(words: str, shown: str) -> None:
    assert f">{shown}</p>" in page_of(words)
