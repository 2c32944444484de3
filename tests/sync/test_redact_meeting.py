"""Orders on files where they meet what else is wrong: entries that cannot be kept, other people's words."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from models.store.change import new_id
from models.store.entry import Entry
from models.store.redacting import files_out_of, order_on_file
from sync.server import admin
from sync.server.central import Central
from tests.postgres import new_database

from .by_hand import enrol_by_hand, first_entry, push, setting
from .conftest import MakeNotebook, meet, supervisor
from .test_redact import WHY, redact
from .test_redact_files import _with_photo


def test_what_cannot_be_kept_and_names_a_file_that_went_holds_up_nobody(
    tmp_path: Path, postgres: Any
) -> None:
    """It is put aside before anything is said of its file."""
    database = new_database(postgres)
    admin.init(tmp_path / "grown", organisation="演示局", host="sync.example.cn", database=database)
    with closing(Central.open(tmp_path / "grown")) as central:
        device, sha256 = enrol_by_hand(central), "ab" * 32

        def naming(title: str) -> Entry:
            return device.entry("set", "evidence", new_id(), setting(sha256=sha256, title=title))

        begun, first = first_entry(device), naming("照片")
        push(central, device, [begun, first])
        redact(central, first, supervisor(central), file=sha256)
        told = push(central, device, [naming("照\0片"), device.site("示例企业")])
        assert told["acc"] == 4
        assert [each["type"] for each in told["results"]] == ["schema"]
        assert central.recheck()


def test_each_record_is_told_of_the_order_that_is_on_it(central: Central, enrolled: MakeNotebook) -> None:
    """Not by the word on another one that names the same file, which says less."""
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    record, sha256, entry = _with_photo(author)
    meet(author)
    redact(central, entry, supervisor(central), file=sha256)
    another, _, _ = _with_photo(colleague)
    meet(colleague, author)
    with author:
        found = files_out_of(author.journal, {record: sha256, another: sha256})
        for each in (record, another):
            order = order_on_file(author.journal, sha256, each)
            assert order == found[each].order
            assert order is not None
            assert order.said.parsed_head.e == each
    assert found[record].why == WHY
