"""Damage to what a seat keeps is named, whatever byte it hits, and never stops who looks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import catalogue
from models.language import use_language
from models.store import keys
from models.store.bodies import redacting_body
from models.store.change import Change, new_id, note, put, void
from models.store.entry import Entry, withheld
from models.store.health import chain_problems, key_of, problems, projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.orders import REDACT
from models.store.seat import Arrival
from tests.conftest import unguarded

UNIT = "350602"
PARTS = ("head", "body", "prev", "signature", "hash")


@pytest.fixture(autouse=True)
def english() -> None:
    """The sentences here are compared in English."""
    use_language("en")


@pytest.fixture
def record(notebook: Notebook) -> str:
    """A record of three entries; its id."""
    made = new_id()
    notebook.write(put("trial", made, UNIT, name="示例企业一", count=1))
    notebook.write(put("trial", made, UNIT, name="示例企业二"), note("trial", made, UNIT, "改名"))
    assert problems(notebook) == []
    return made


@pytest.fixture
def other(notebook: Notebook, tmp_path: Path) -> Iterator[Notebook]:
    """A second device, all of whose entries are in the first notebook."""
    book = Notebook.create(tmp_path / "other", "另一个-口令-99", person=new_id(), unit=UNIT, cost=keys.FAST)
    book.write(put("trial", new_id(), UNIT, name="他人所记"))
    with book:
        arrivals = [Arrival(row.entry()) for row in book.journal.in_order()]
    assert notebook.receive(arrivals) == []
    assert problems(notebook) == []
    yield book
    book.close()


def own(notebook: Notebook) -> list[EntryRow]:
    with notebook:
        return list(EntryRow.select().where(EntryRow.device == notebook.device).order_by(EntryRow.seq))


def keep(notebook: Notebook, row: EntryRow, **columns: object) -> None:
    """Change what is kept of an entry behind the journal's back."""
    with notebook.writing():
        unguarded()
        EntryRow.update(columns).where(EntryRow.n == row.n).execute()


@pytest.mark.requirement("R086")
@pytest.mark.parametrize("part", PARTS)
def test_every_single_damaged_byte_of_an_entry_is_named_and_stops_nothing(
    notebook, record, part, monkeypatch
):
    (trial,) = (kind for kind in catalogue.kinds() if kind.name == "trial")
    monkeypatch.setattr(catalogue, "kinds", lambda: [trial])  # the rows of the others are many to look at
    row = next(row for row in own(notebook) if row.record == record)
    sound = bytes(getattr(row, part))
    for place, byte in enumerate(sound):
        for other_byte in {byte ^ 1, byte ^ 0x80}:
            keep(notebook, row, **{part: sound[:place] + bytes([other_byte]) + sound[place + 1 :]})
            named = [said for said in chain_problems(notebook) if f" {row.seq}: " in said]
            assert named, (part, place)
            assert all(record in said for said in projection_problems(notebook)), (part, place)
    keep(notebook, row, **{part: sound})
    assert problems(notebook) == []


@pytest.mark.requirement("R086")
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("place", [0, 1, 17, -1])
def test_a_damaged_entry_does_not_stop_the_look_at_the_rows(notebook, record, part, place):
    for row in own(notebook):
        sound = bytes(getattr(row, part))
        broken = bytearray(sound)
        broken[place if -len(sound) <= place < len(sound) else -1] ^= 1
        keep(notebook, row, **{part: bytes(broken)})
        assert problems(notebook) != []
        keep(notebook, row, **{part: sound})
    assert problems(notebook) == []


@pytest.mark.requirement("R086")
def test_a_record_whose_entry_has_no_readable_head_is_named(notebook, record):
    row = next(row for row in own(notebook) if row.record == record)
    keep(notebook, row, head=b"x" + bytes(row.head)[1:])
    assert f"trial {record}: an entry of it cannot be read" in projection_problems(notebook)
    assert any("is not kept where its head says" in said for said in chain_problems(notebook))


@pytest.mark.requirement("R086")
def test_a_head_of_whole_form_that_names_another_record_kind_is_named(notebook, record):
    row = next(row for row in own(notebook) if row.record == record)
    head = bytes(row.head).replace(b'"t":"trial"', b'"t":"triam"')
    assert head != bytes(row.head)
    keep(notebook, row, head=head)
    assert f"trial {record}: its row is not what its entries give" in projection_problems(notebook)


@pytest.mark.requirement("R086")
@pytest.mark.parametrize("column", ["record", "record_kind", "unit", "kind"])
def test_an_entry_filed_under_another_name_is_named(notebook, record, column):
    row = next(row for row in own(notebook) if row.record == record)
    keep(notebook, row, **{column: "other"})
    assert chain_problems(notebook) == [f"{notebook.device} {row.seq}: is not kept where its head says"]


@pytest.mark.requirement("R086")
def test_a_record_all_of_whose_entries_are_filed_under_another_kind_has_lost_them(notebook, record):
    with notebook.writing():
        unguarded()
        EntryRow.update(record_kind="other").where(EntryRow.record == record).execute()
    assert projection_problems(notebook) == [f"trial {record}: its entries are gone"]


@pytest.mark.requirement("R086")
def test_a_hash_that_is_not_that_of_the_bytes_is_named(notebook, record):
    row = own(notebook)[-1]
    keep(notebook, row, hash=bytes(32))
    assert chain_problems(notebook) == [f"{notebook.device} {row.seq}: bytes do not give their hash"]


@pytest.mark.requirement("R086")
def test_every_damaged_record_of_a_kind_is_named(notebook, record):
    """Whichever is looked at first."""
    second = new_id()
    notebook.write(put("trial", second, UNIT, name="示例企业四"), note("trial", second, UNIT, "说明"))
    for row in own(notebook):
        if row.record in (record, second):
            keep(notebook, row, head=b"x" + bytes(row.head)[1:])
    assert projection_problems(notebook) == [
        f"trial {each}: an entry of it cannot be read" for each in (record, second)
    ]


@pytest.mark.requirement("R086")
def test_own_signatures_are_checked_though_the_entry_that_gave_the_key_is_gone(notebook, record):
    first, *_, last = own(notebook)
    keep(notebook, last, signature=bytes(64))
    with notebook.writing():
        EntryRow.delete().where(EntryRow.n == first.n).execute()
    assert chain_problems(notebook) == [
        f"{notebook.device} 2: the entry before it is gone",
        f"{notebook.device} {last.seq}: signature does not verify",
    ]


def test_a_record_that_the_server_put_aside_has_no_row_and_that_is_no_damage(notebook, other):
    put_aside = new_id()
    (entry,) = notebook.write(put("trial", put_aside, UNIT, name="示例企业五"))
    word = {"of": entry.hash.hex(), "s": "quarantined", "type": "scope"}
    other.write(Change("verdict", "trial", put_aside, UNIT, body=word))
    with other:
        last = list(other.journal.in_order())[-1].entry()
    assert notebook.receive([Arrival(last)]) == []
    notebook.trust(other.device)
    table = catalogue.kind("trial").table
    with notebook:
        assert table.get_or_none(table.id == put_aside) is None
    assert problems(notebook) == []


@pytest.mark.requirement("R086")
def test_each_own_entry_that_was_taken_out_is_named(notebook, record):
    alone, gone = new_id(), new_id()
    notebook.write(put("trial", gone, UNIT, name="撤回的"))
    notebook.write(void("trial", gone, UNIT, "误录"))
    notebook.write(put("trial", alone, UNIT, name="只有一条"))
    with notebook:
        rows = list(
            EntryRow.select().where(EntryRow.device == notebook.device).order_by(EntryRow.seq).dicts()
        )
    assert len(rows) > 6
    for row in rows:
        with notebook.writing():
            EntryRow.delete().where(EntryRow.n == row["n"]).execute()
        if row is not rows[-1]:
            assert chain_problems(notebook) == [
                f"{notebook.device} {row['seq'] + 1}: the entry before it is gone"
            ]
        assert problems(notebook) != []
        with notebook.writing():
            EntryRow.insert(row).execute()
    assert problems(notebook) == []


@pytest.mark.requirement("R086")
def test_a_row_whose_only_entry_was_the_last_and_is_gone_is_named(notebook, record):
    alone = new_id()
    notebook.write(put("trial", alone, UNIT, name="只有一条"))
    with notebook.writing():
        EntryRow.delete().where(EntryRow.record == alone).execute()
    assert problems(notebook) == [f"trial {alone}: its entries are gone"]


@pytest.mark.requirement("R086")
def test_a_row_changed_by_hand_is_named(notebook, record):
    table = catalogue.kind("trial").table
    with notebook.writing():
        table.update(name="改过的").where(table.id == record).execute()
    assert problems(notebook) == [f"trial {record}: its row is not what its entries give"]


@pytest.mark.requirement("R086")
def test_own_content_that_is_withheld_is_named(notebook, record):
    row = next(row for row in own(notebook) if row.record == record)
    keep(notebook, row, body=withheld(bytes(row.body)))
    assert chain_problems(notebook) == [f"{notebook.device} {row.seq}: its content is gone"]


@pytest.mark.requirement("R086")
@pytest.mark.parametrize("part", PARTS)
def test_a_damaged_entry_of_another_device_is_named_too(notebook, other, part):
    with notebook:
        row = EntryRow.select().where(EntryRow.device == other.device).order_by(EntryRow.seq.desc()).get()
    broken = bytearray(bytes(getattr(row, part)))
    broken[len(broken) // 2] ^= 1
    keep(notebook, row, **{part: bytes(broken)})
    assert any(said.startswith(f"{other.device} {row.seq}: ") for said in chain_problems(notebook))


def test_a_gap_in_what_was_given_out_of_another_device_is_no_damage(notebook, other):
    other.write(Change("note", "later-kind", new_id(), UNIT, body={"text": "不发给所有人"}))
    other.write(put("trial", new_id(), UNIT, name="又一条"))
    with other:
        last = list(other.journal.in_order())[-1].entry()
    assert notebook.receive([Arrival(last)]) == []
    assert problems(notebook) == []


def test_another_device_whose_key_is_not_here_is_not_accused(notebook, other):
    with notebook.writing():
        EntryRow.delete().where((EntryRow.device == other.device) & (EntryRow.seq == 1)).execute()
    assert problems(notebook) == []


@pytest.mark.parametrize("body", [b"{}", b'{"key":5}', b'{"key":"AAAA"}', b'{"key":"not base64!"}', b"{"])
def test_a_first_entry_without_its_device_s_key_accuses_nobody_of_a_false_signature(notebook, other, body):
    with notebook:
        first = EntryRow.get((EntryRow.device == other.device) & (EntryRow.seq == 1))
    bent = Entry.of_bytes(bytes(first.prev), bytes(first.head), body, bytes(first.signature))
    keep(notebook, first, body=body, hash=bent.hash)
    assert chain_problems(notebook) == [f"{other.device} 2: does not follow the entry before"]


def test_a_device_s_key_is_written_in_one_way(notebook, other):
    with notebook:
        first = EntryRow.get((EntryRow.device == other.device) & (EntryRow.seq == 1)).entry()
    assert key_of(other.device, first) == other.public_key_der
    body = first.body.replace(b'"key":"', b'"key":"!', 1)
    assert body != first.body
    assert key_of(other.device, Entry.of_bytes(first.prev, first.head, body, first.signature)) is None


def test_a_device_s_key_that_is_withheld_is_not_known(notebook, other):
    with notebook:
        first, second = EntryRow.select().where(EntryRow.device == other.device).order_by(EntryRow.seq)
    keep(notebook, first, body=withheld(bytes(first.body)))
    assert chain_problems(notebook) == []
    keep(notebook, second, signature=bytes(64))
    assert chain_problems(notebook) == [], "without the key a signature says nothing"


def test_a_false_signature_is_named_by_its_device_and_number(notebook, other):
    with notebook:
        last = EntryRow.select().where(EntryRow.device == other.device).order_by(EntryRow.seq.desc()).get()
    keep(notebook, last, signature=bytes(64))
    own_first = own(notebook)[0]
    keep(notebook, own_first, signature=bytes(64))
    assert sorted(chain_problems(notebook)) == sorted(
        [
            f"{other.device} {last.seq}: signature does not verify",
            f"{notebook.device} {own_first.seq}: signature does not verify",
        ]
    )


@pytest.fixture
def ordered(notebook: Notebook, other: Notebook, record: str) -> Entry:
    """An own entry whose content the other device, as the authority, has ordered out."""
    (entry,) = [row.entry() for row in own(notebook) if b"\xe4\xbc\x81\xe4\xb8\x9a\xe4\xba\x8c" in row.body]
    notebook.trust(other.device)
    (said,) = other.write(Change(REDACT, "trial", record, UNIT, body=redacting_body(entry) | {"why": "某号"}))
    assert notebook.receive([Arrival(said)]) == []
    return entry


def row_of(notebook: Notebook, entry: Entry) -> EntryRow:
    (row,) = [row for row in own(notebook) if row.seq == entry.parsed_head.q]
    return row


def test_own_content_that_an_order_took_out_is_no_damage(notebook, ordered):
    assert row_of(notebook, ordered).body == withheld(ordered.body)
    assert problems(notebook) == []


def test_content_that_is_here_though_an_order_took_it_out_is_named(notebook, ordered):
    keep(notebook, row_of(notebook, ordered), body=ordered.body)
    told = f"{notebook.device} {ordered.parsed_head.q}: its content is here though an order took it out"
    assert told in problems(notebook)


def test_beside_an_order_a_damaged_head_stops_nothing(notebook, ordered):
    rows = own(notebook)
    for row in (row_of(notebook, ordered), rows[-1]):
        keep(notebook, row, head=b"{")
    told = chain_problems(notebook)
    assert f"{notebook.device} {ordered.parsed_head.q}: its content is gone" in told
    assert f"{notebook.device} {rows[-1].seq}: bytes do not give their hash" in told


def test_an_order_that_a_restore_undid_still_explains_what_is_gone(notebook, other, ordered):
    assert [each.parsed_head.k for each in notebook.undo_authority(other.device, 0)] == []
    with notebook.writing():
        EntryRow.update(cursor=9).where(EntryRow.kind == REDACT).execute()
    (undone,) = notebook.undo_authority(other.device, 0)
    assert undone.parsed_head.k == REDACT
    assert chain_problems(notebook) == []
    assert notebook.receive([Arrival(ordered)]) == []
    assert row_of(notebook, ordered).body == withheld(ordered.body), (
        "nor does the content come back meanwhile"
    )
