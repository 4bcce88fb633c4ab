"""Small secrets under the master key: opened by the same key and purpose, by nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sealing import MasterKey, Unsealable

KEY = MasterKey.read(MasterKey.write_new())


@given(plain=st.binary(max_size=200), purpose=st.text(max_size=20))
def test_what_is_sealed_is_opened_by_the_same_key_and_purpose(plain: bytes, purpose: str) -> None:
    assert KEY.open(KEY.seal(plain, purpose=purpose), purpose=purpose) == plain


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s[:-1],
        lambda s: s[:5],
        lambda s: b"",
        lambda s: b"\x02" + s[1:],
        lambda s: s[:-1] + bytes([s[-1] ^ 1]),
    ],
)
def test_a_sealed_value_that_was_touched_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    sealed = KEY.seal(b"secret", purpose="totp")

    with pytest.raises(Unsealable):
        KEY.open(spoil(sealed), purpose="totp")


def test_another_purpose_or_another_key_opens_nothing() -> None:
    sealed = KEY.seal(b"secret", purpose="totp")

    with pytest.raises(Unsealable):
        KEY.open(sealed, purpose="field")
    with pytest.raises(Unsealable):
        MasterKey.read(MasterKey.write_new()).open(sealed, purpose="totp")


def test_the_key_is_not_shown_where_it_is_printed() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert str(KEY.secret) not in repr(KEY)


@pytest.mark.parametrize("written", ["", "abc", "g" * 64, "0" * 63])
def test_a_master_key_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        MasterKey.read(written)
