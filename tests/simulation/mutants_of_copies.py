"""The mistakes around copies that find themselves out at opening (R6); a part of `mutant_list`."""

from __future__ import annotations

from .mutant import Mutant, one

COPIED = "tests/sync/test_copied.py::"
TOKEN = "tests/models/store/test_token.py::"

OF_COPIES: tuple[Mutant, ...] = (
    one(
        "R6",
        "a copy keeps its key until the server finds it out",
        "sync.opened:_settle",
        "if found is not Finding.OWN:",
        "if False:",
        f"{COPIED}test_both_go_on_and_neither_ever_forks",
    ),
    one(
        "R6",
        "a token is put outside before the database knows it",
        "models.store.token:_renew",
        "lost = token.lost if there is None else 0",
        "lost = token.lost if there is None else 0\n    places.put(token.name, fresh)",
        f"{TOKEN}test_whatever_happened_the_notebook_is_none_and_an_older_image_is_a_copy",
    ),
    one(
        "R6",
        "a copy goes on as what another copy was certified for",
        "models.store.notebook:Notebook.rehome_unasked",
        "_NEXT_KEY: None, ",
        "",
        f"{COPIED}test_a_copy_of_one_that_forks_takes_another_key",
    ),
    one(
        "R6",
        "a backup that is opened takes the token of its notebook",
        "models.store.token:mark_as_copy",
        "_keep(seat, _Token(name, _BACKUP, secrets.token_hex(TOKEN_BYTES)))",
        "pass",
        f"{TOKEN}test_a_backup_is_a_copy_wherever_it_is_opened",
    ),
    one(
        "R6",
        "what a copy carries of a chain that never came is put aside",
        "sync.server.persons:Persons.is_own",
        "return self._restored or self._goes_on_with(entry)",
        "return self._restored",
        f"{COPIED}test_begun_and_copied_before_it_met_any_server",
    ),
    one(
        "R6",
        "a stick's word of whom a device follows is believed unproved",
        "sync.server.followers:_proved",
        "and verify(before, word, succession(each.former, device_id(key)))",
        "",
        f"{COPIED}test_a_stick_says_of_nobody_whom_they_follow",
    ),
    one(
        "R6",
        "who forked and has a stick alone keeps the key of both",
        "sync.carrying:_parted",
        "count = copied.go_on_unasked(notebook)",
        "count = 0",
        "tests/sync/test_parted_by_stick.py::test_a_copy_with_nothing_but_sticks_goes_on_under_a_key_of_its_own",
    ),
)
