"""Statements are narrowed to some rows where they have room for it, whatever texts they hold."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.schema.names import literal
from engine.schema.ranges import among, in_list, in_range

ONE = UUID(int=1)


@pytest.mark.parametrize("word", ["it's", '"', "a''b", among("t.id"), f"'{among('t.id')}", "\\'"])
def test_a_text_that_looks_like_room_for_ids_is_left_as_it_is(word: str) -> None:
    said = literal(word)
    statement = f"UPDATE t SET a = {said} WHERE b = {said}"

    assert in_list(statement, [ONE]) == f"{statement} AND id = ANY(ARRAY['{ONE}']::uuid[])"
    room = f"{statement} AND {among('t.id')} AND c = {said}"
    assert in_range(room, None, ONE) == f"{statement} AND (t.id <= '{ONE}') AND c = {said}"
