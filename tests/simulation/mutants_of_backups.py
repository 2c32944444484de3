"""The mistakes around backups: files after a restore, who copies a seat (R8, R9); a part of `mutant_list`."""

from __future__ import annotations

from .mutant import Mutant, one

AGAIN = "tests/sync/test_adversary_again.py::"
BACKUP = "tests/sync/test_backup.py::"

OF_BACKUPS: tuple[Mutant, ...] = (
    one(
        "R8",
        "a file younger than the restored database is of who names it first",
        "sync.server.uploads:found",
        "if not (shown or known_here) or",
        "if",
        "tests/sync/test_file_senders.py::test_a_file_younger_than_the_database_is_not_of_who_names_it",
    ),
    one(
        "R9",
        "a copy takes the place of a good backup before it was looked through",
        "sync.server.backup:_copy_journal",
        "entries = copy.recheck()",
        "put_in_place(making, making.parent, DATABASE)\n        entries = copy.recheck()",
        f"{AGAIN}test_a_damaged_server_does_not_take_the_place_of_its_good_backup",
    ),
    one(
        "R9",
        "an entry that lost its signature takes the place of the good one in a backup",
        "sync.server.backup:_signed",
        "if gone:",
        "if False:",
        f"{BACKUP}test_a_signature_that_rotted_on_the_server_does_not_take_the_place_of_the_good_one",
    ),
    one(
        "R9",
        "a signature is taken from the backup of before as it is",
        "sync.server.signatures:_looked_at",
        "if before and Entry.of_bytes(prev, head, body, before).verify(key) else",
        "or",
        f"{BACKUP}test_the_backup_of_before_gives_a_signature_that_rotted_on_the_server",
    ),
    one(
        "R9",
        "what a backup holds already is never read again",
        "models.store.reread:read_again",
        "due if everything else due[:_SHARE]",
        "()",
        f"{BACKUP}test_what_rotted_in_the_backup_is_found_and_copied_anew",
    ),
    one(
        "R9",
        "two copy into one backup at once",
        "models.store.backup:alone_in",
        "lock = _held(target / _LOCK)",
        "lock = None",
        f"{BACKUP}test_of_two_at_once_into_one_folder_the_second_is_refused",
    ),
    one(
        "R9",
        "a journal in PostgreSQL is read while it changes",
        "models.store.postgres:Postgres.begin",
        "REPEATABLE READ READ ONLY",
        "READ COMMITTED READ ONLY",
        "tests/sync/test_backup_grown.py::"
        "test_who_pushes_meanwhile_waits_for_nothing_and_comes_with_the_next_one",
    ),
)
