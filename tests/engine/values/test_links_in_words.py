"""Links of formatted text where it is told in plain words."""

from __future__ import annotations

import pytest

from engine.values.richtext import clean_html, plain_text


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (
            '<p>看<a href="https://x.cn/a?b=1&amp;c=2">新品</a>吧</p>',
            "看新品 <https://x.cn/a?b=1&c=2>吧",
        ),
        ('<a href="http://x.cn">a <b>b</b></a>, c', "a b <http://x.cn>, c"),
        ('<a href="https://x.cn/">https://x.cn/</a>', "https://x.cn/"),
        ('<a href="mailto:a@b.cn">us</a> <a href="tel:110">110</a>', "us 110"),
        ('<a href="https://x.cn/{{ id }}">x</a>', "x <https://x.cn/{{ id }}>"),
        ('<a href="javascript:alert(1)">x</a> <a>y</a>', "x y"),
    ],
    ids=["under words", "formatted words", "told already", "no page", "with a gap", "no address"],
)
def test_the_address_of_a_page_stands_behind_the_words_that_lead_there(
    html: str, words: str
) -> None:
    cleaned = clean_html(html)

    assert plain_text(cleaned, links=True) == words
    assert "<" not in plain_text(cleaned)
