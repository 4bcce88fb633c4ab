"""Files of rows are read whole, or refused with a reason that names the place."""

from __future__ import annotations

import pytest

from engine.exchange.sources import Origin, Source, SourceInvalid, open_source
from engine.exchange.sources.delimited import Delimited


def read(name: str, content: bytes) -> Source:
    return open_source(Origin(name, content))


@pytest.mark.parametrize(
    ("content", "encoding", "separator"),
    [
        pytest.param("name,city\n张三,北京\n".encode(), "utf-8-sig", ",", id="utf-8"),
        pytest.param("\ufeffname;city\n张三;北京\n".encode(), "utf-8-sig", ";", id="bom-semicolon"),
        pytest.param(
            "name\tcity\n张三\t北京\n".encode("gb18030"), "gb18030", "\t", id="gb18030-tab"
        ),
        pytest.param("name|city\n张三|北京\n".encode("utf-16"), "utf-16", "|", id="utf-16-bar"),
    ],
)
def test_encoding_and_separator_are_found(content: bytes, encoding: str, separator: str) -> None:
    source = read("people.csv", content)

    assert isinstance(source, Delimited)
    assert (source.encoding, source.separator) == (encoding, separator)
    assert source.header == ("name", "city")
    assert [row.cells for row in source.rows()] == [("张三", "北京")]


def test_latin_letters_with_accents_are_not_taken_for_chinese() -> None:
    source = read("p.csv", "name,city\nJosé Ñuño,München\nZoë,Århus\n".encode("cp1252"))

    assert [row.cells[1] for row in source.rows()] == ["München", "Århus"]


def test_a_ragged_row_is_named_with_its_line_and_the_others_are_read() -> None:
    source = read("p.csv", b'a,b,c\n1,2,3\n"4\n4",5\n6,7,8,9\n\n1,2,3,,\n')

    rows = list(source.rows())

    assert [(row.line, row.problem) for row in rows] == [
        (2, ""),
        (3, "2/3"),
        (5, "4/3"),
        (7, ""),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"  \n", "file_empty", id="empty"),
        pytest.param(b"\x7fELF\x00\x01\x02", "file_binary", id="binary"),
        pytest.param(b"PK\x03\x04\x00\x00zip", "workbook_broken", id="no workbook"),
        pytest.param(b"\xff\xfe\x80", "encoding_unknown", id="half a UTF-16 character"),
        pytest.param(b"1,2,3\n4,5,6\n", "header_missing", id="only numbers"),
        pytest.param(b"a,,c\n1,2,3\n", "header_blank", id="blank header"),
        pytest.param(b"a,b,a\n1,2,3\n", "header_duplicate", id="same header twice"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(SourceInvalid) as refused:
        read("p.csv", content)

    assert refused.value.code == code


def test_a_quote_that_never_closes_is_refused_when_it_is_met() -> None:
    source = read("p.csv", b'a,b\n1,2\n3,"four\n5,6\n')

    with pytest.raises(SourceInvalid) as refused:
        list(source.rows())

    assert refused.value.code == "broken_quoting"
