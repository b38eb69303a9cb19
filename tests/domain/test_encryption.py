"""What cases say is read with the right key, and with nothing else."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from escalations import encryption
from escalations.encryption import (
    Encryption,
    Keys,
    new_file,
    read_keys,
    with_active,
    with_another,
)
from escalations.errors import KeysInvalid, PayloadUnreadable

MAY, JUNE, SEARCH = bytes(32), bytes([1]) * 32, bytes([2]) * 32
SECRET = "Ada Lovelace will cancel"


def said(text: str = SECRET) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=text.encode())


def sealed_in_may() -> Encryption:
    return Encryption(Keys({"may": MAY}, SEARCH))


@given(st.binary(max_size=300), st.dictionaries(st.text(max_size=9), st.binary(max_size=9)))
async def test_there_and_back(data: bytes, metadata: dict[str, bytes]) -> None:
    """Whatever a payload is, it comes back as it was, and two of the same look different."""
    metadata.pop("encoding", None)
    codec, payload = sealed_in_may(), Payload(metadata=metadata, data=data)

    once, again = await codec.encode([payload, payload])

    assert once.data != again.data
    assert await codec.decode([once, again]) == [payload, payload]


async def test_nothing_shows() -> None:
    """Neither words nor what kind of words they are: only the key's id."""
    (sealed,) = await sealed_in_may().encode([said()])

    assert SECRET.encode() not in sealed.SerializeToString()
    assert b"json" not in sealed.SerializeToString()
    assert sealed.metadata == {"encoding": b"binary/encrypted", "encryption-key-id": b"may"}


async def test_rotation() -> None:
    """A new key encrypts, the old one still reads; without the old one it says what is missing."""
    (old,) = await sealed_in_may().encode([said()])
    rotated = Encryption(Keys({"june": JUNE, "may": MAY}, SEARCH))
    (new,) = await rotated.encode([said()])

    assert new.metadata["encryption-key-id"] == b"june"
    assert await rotated.decode([old, new]) == [said(), said()]
    with pytest.raises(PayloadUnreadable, match=r"'june'.*has may.*Put that key back"):
        await sealed_in_may().decode([new])


async def test_what_was_said_before_encryption_passes() -> None:
    """Switched on under open cases: what is in plain is read as it is."""
    assert await sealed_in_may().decode([said()]) == [said()]


Damage = Callable[[Payload], None]


def one_bit(payload: Payload) -> None:
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])


def cut(payload: Payload) -> None:
    payload.data = payload.data[:5]


def emptied(payload: Payload) -> None:
    payload.data = b""


def under_another_name(payload: Payload) -> None:
    payload.metadata["encryption-key-id"] = b"june"


@pytest.mark.parametrize("damage", [one_bit, cut, emptied, under_another_name])
async def test_damaged_or_tampered_with(damage: Damage) -> None:
    """Never read as something else; the key named is authenticated, too."""
    (sealed,) = await sealed_in_may().encode([said()])
    damage(sealed)

    with pytest.raises(PayloadUnreadable, match="damaged or tampered with"):
        await Encryption(Keys({"may": MAY, "june": MAY}, SEARCH)).decode([sealed])


def test_customers_in_searches() -> None:
    """The same name for the same customer, whichever key encrypts; it says nothing by itself."""
    before, after = Keys({"may": MAY}, SEARCH), Keys({"june": JUNE, "may": MAY}, SEARCH)

    assert before.search_name("ACME") == after.search_name("ACME") != before.search_name("acme")
    assert before.search_name("ACME") != Keys({"may": MAY}, MAY).search_name("ACME")
    assert before.search_name("ACME").isalnum()
    assert len(before.search_name("é" * 5_000)) == 32


def test_a_file_from_its_making_to_its_rotation(tmp_path: Path) -> None:
    """Made, added to, activated: the ids stand in their order, and the keys stay what they were."""
    file = tmp_path / "keys"
    file.write_text(made := new_file("may"))
    before = read_keys(file)
    file.write_text(added := with_another(made, "june"))
    assert read_keys(file).ids == ["may", "june"]
    file.write_text(with_active(added, "june"))
    after = read_keys(file)

    assert (after.active, after.ids) == ("june", ["june", "may"])
    assert after["may"] == before["may"] != after["june"]
    assert after.search_name("ACME") == before.search_name("ACME")
    assert file.read_text().startswith("# Escalade's payload keys")


def test_all_mistakes_of_a_file_at_once(tmp_path: Path) -> None:
    """Each with its line; what stands there is not repeated, since it may be a key."""
    file = tmp_path / "keys"
    short = base64.b64encode(bytes(16)).decode()
    whole = base64.b64encode(MAY).decode()
    file.write_text(f"may {whole}\nmay {whole}\n\njune {short}\njuly\na/b {whole}\nmarch %%%\n")

    with pytest.raises(KeysInvalid) as refused:
        read_keys(file)

    assert [line.partition(", ")[2] for line in str(refused.value).splitlines()[1:]] == [
        "line 2: the id may is there twice",
        "line 4: the key june has 16 bytes; allowed: `<id> <32 bytes in base64>`",
        "line 5: found 1 words; allowed: `<id> <32 bytes in base64>`",
        "line 6: the id: found something else; allowed: 1 to 40 of letters, digits, '.', '_', '-'",
        "line 7: the key march is no base64; allowed: `<id> <32 bytes in base64>`",
    ]
    assert whole not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no key `search`"),
        (f"search {base64.b64encode(MAY).decode()}", "has no key to encrypt with"),
        ("clé", "is not plain text"),
        (None, "No such file"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str | None, said: str) -> None:
    """Empty, half, no text, not there: the message names the command that makes one."""
    file = tmp_path / "keys"
    if text is not None:
        file.write_text(text)

    with pytest.raises(KeysInvalid, match=said):
        read_keys(file)


def test_keys_do_not_show_in_their_repr() -> None:
    """A key that is printed by mistake would be in a log for ever."""
    codec = sealed_in_may()

    shown = repr(codec) + repr(codec.keys) + str(vars(encryption))
    assert repr(MAY) not in shown
