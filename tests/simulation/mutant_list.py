"""The mistakes: rule of the protocol (R1 to R16), what is wrong, and the words exchanged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patch:
    """Words of one function in place of others."""

    where: str
    """`module:function` or `module:Class.method`."""
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake."""

    rule: str
    name: str
    patches: tuple[Patch, ...]
    tests: tuple[str, ...] = ()
    """Tests that must fail, where a simulated run seldom or never meets it."""
    seed: int = 0
    """A seed that notices it at once; 0 where none is noted."""

    @property
    def anew(self) -> bool:
        """Whether what runs begin with is to be made with the mistake as well."""
        return self.rule == "R2"


def _one(rule: str, name: str, where: str, old: str, new: str, *tests: str, seed: int = 0) -> Mutant:
    return Mutant(rule, name, (Patch(where, old, new),), tests, seed)


SEAT = "models.store.seat:Seat"
TAKING = "models.store.receiving:Receiving"
ENGINE = "sync.engine:Engine"
INTAKE = "sync.server.intake:Intake"
LEDGER = "sync.ledger:Ledger"
PUSH = "tests/sync/test_push.py::"
AGAIN = "tests/sync/test_adversary_again.py::"

MUTANTS: tuple[Mutant, ...] = (
    _one(
        "R1",
        "after a failed commit what is remembered of before it stands",
        f"{SEAT}.writing",
        "self.forget()  # all is as it was before the transaction",
        "pass",
    ),
    _one(
        "R1",
        "a save keeps its entry and not its rows",
        f"{SEAT}.write_next",
        "for (kind, record), fresh in touched.items():",
        "for (kind, record), fresh in ():",
        seed=1,
    ),
    _one(
        "R2",
        "the hash of an entry leaves its device out",
        "models.store.entry:hash_input",
        "sha256(head)",
        'sha256(re.sub(rb\'"d":"\\w+"\', b"", head))',
    ),
    _one(
        "R2",
        "the hash of an entry leaves its body out",
        "models.store.entry:hash_input",
        "+ of_body",
        "+ bytes(32)",
    ),
    Mutant(
        "R3",
        "after a failed commit the tree in memory has grown all the same",
        (
            Patch("sync.server.central:Central.writing", "self._frontier = None", "pass"),
            Patch(
                "sync.server.central:Central._refresh_frontier",
                "if self._frontier is None or self._frontier.size != log.stored_size():",
                "if self._frontier is None:",
            ),
        ),
        ("tests/sync/test_failures.py::test_a_full_disk_at_the_server_is_told_and_nothing_is_lost",),
    ),
    _one(
        "R3",
        "entries get their rows and the tree is not kept",
        "sync.server.log:Appender.write",
        "run_many(_NODES, self._nodes)",
        "pass",
    ),
    _one(
        "R4",
        "what is known already is logged again",
        "sync.server.accept:accept",
        "if seq > up_to:",
        "if True:",
        PUSH + "test_a_repeated_batch_is_counted_and_changes_nothing",
    ),
    _one(
        "R4",
        "another entry under a known number counts as a duplicate, at push",
        "sync.server.accept:accept",
        "elif known.get(seq) != entry.hash:",
        "elif False:",
        PUSH + "test_another_entry_under_a_known_number_is_a_fork_and_stores_nothing",
    ),
    Mutant(
        "R4",
        "both ends compare numbers only, and not hashes",
        (
            Patch("sync.server.accept:accept", "elif known.get(seq) != entry.hash:", "elif False:"),
            Patch("sync.server.accept:accept", "if before != prev:", "if False:"),
            Patch(f"{ENGINE}._compare", "if own is None or own.hex() != digest:", "if False:"),
            Patch("sync.server.desk:Desk._standing", "same = seq == 0 or", "same = True or"),
        ),
    ),
    _one(
        "R5",
        "a poisoned entry stops the whole batch",
        f"{INTAKE}._judge_all",
        "self._refused[entry.hash.hex()] = (entry, refusal)",
        "raise ValueError(refusal.type)",
    ),
    _one(
        "R5",
        "what is put aside is not logged",
        f"{INTAKE}.take",
        "insert(rows)",
        "insert([row for row in rows if row[3].hex() not in self._refused])",
        seed=1,
    ),
    _one(
        "R5",
        "nobody is told that an entry was put aside",
        "sync.server.intake:say",
        "if not judged:",
        "if True:",
    ),
    _one(
        "R5",
        "a release is not obeyed",
        "models.store.fold:put_aside",
        'if entry.parsed_head.k == "release":',
        "if False:",
    ),
    _one(
        "R5",
        "signatures of pushed entries are not checked",
        "sync.server.accept:read_batch",
        "false = first_false([(entry, key) for entry in batch.entries])",
        "false = None",
    ),
    _one(
        "R5",
        "a decision does not say which words it takes the place of",
        "sync.server.quarantine:_decide",
        '"b": [each.uid for each in before]',
        '"b": []',
        f"{AGAIN}test_a_release_that_a_restore_undid_counts_more_than_the_rejection_before_it",
    ),
    _one(
        "R5",
        "what is decided on a former key's entries is told to that key alone",
        "sync.server.pages:_notices",
        "devices = people.went_on_from(caller.device)",
        "devices = [caller.device]",
        f"{AGAIN}test_a_decision_reaches_who_went_on_under_another_key",
    ),
    _one(
        "R6",
        "a forked notebook drops its unsent entries",
        f"{TAKING}._rehomed",
        "return self.carry(carried)",
        "return []",
        seed=11,
    ),
    _one(
        "R6",
        "an entry and its copy under another key count twice",
        "models.store.entry:Entry.uid",
        "return origin.h if origin is not None else self.hash.hex()",
        "return self.hash.hex()",
    ),
    _one("R6", "a forked notebook keeps its key", f"{TAKING}._rehomed", "self._begin_chain(signer)", "pass"),
    _one(
        "R7",
        "an old image does not fetch what it lacks",
        f"{ENGINE}._compare",
        "if have > seq:",
        "if False:",
        "tests/sync/test_old_copy.py::test_an_old_image_gets_back_what_it_lacks_and_goes_on",
    ),
    _one(
        "R8",
        "the server does not see that it went back",
        "sync.server.desk:Desk._compare_lives",
        "if not note:",
        "if True:",
        seed=4,
    ),
    _one(
        "R8",
        "nobody gives back what others wrote",
        "sync.healing:Healing.give_back",
        "if not former.is_giving_back(ledger):",
        "if True:",
        "tests/sync/test_restored.py::test_giving_back_that_is_cut_goes_on",
    ),
    _one(
        "R8",
        "what the server cannot place is dropped",
        "sync.former:carry",
        "return len(ledger.seat.carry([each for each in entries if each.parsed_head.d != own]))",
        "return 0",
        "tests/sync/test_restored.py::test_what_the_server_cannot_place_is_carried_and_counts_once",
    ),
    _one(
        "R8",
        "of two former lives only the last is given back",
        "sync.former:leave",
        "seat.meta(_GIVING) or ",
        "",
        "tests/simulation/test_found.py::test_restored_twice_before_all_was_given_back",
    ),
    _one(
        "R8",
        "what the server said again counts as kept before it came again",
        "sync.former:leave",
        "or seat.meta(_SAID) ",
        "",
        "tests/simulation/test_found.py::test_restored_twice_before_what_was_said_again_had_come",
    ),
    _one(
        "R8",
        "what was put aside by a word of a former life stays so",
        f"{TAKING}._undo",
        "run_many(_UNMARK,",
        "list(",
        "tests/simulation/test_found.py::test_restored_twice_before_what_was_said_again_had_come",
    ),
    _one(
        "R8",
        "a reader keeps what it was told of entries without their content",
        "sync.former:leave",
        "seat.undo_withheld(common)",
        "[]",
        "tests/simulation/test_found.py::test_what_was_withheld_goes_with_the_life_of_the_log_that_told_it",
    ),
    _one(
        "R8",
        "what is said of another life of the log is believed",
        "sync.engine:Engine.of_this_life",
        'if told.get("epoch") != self.epoch:',
        "if False:",
        "tests/simulation/test_found.py::test_an_answer_of_another_life_of_the_log_counts_as_nothing",
    ),
    _one(
        "R8",
        "a server that shows less than before is believed",
        "sync.engine:Engine.shown_head",
        "if head.size < self._shown:",
        "if False:",
        "tests/simulation/test_found.py::test_a_receipt_that_was_held_back_until_the_server_was_restored",
    ),
    _one(
        "R8",
        "a server older than what it signed starts all the same",
        "sync.server.central:Central.refuse_older",
        "(epoch == self.epoch and behind)",
        "False",
        "tests/sync/test_backup.py::test_an_older_database_beside_what_was_signed_is_refused_until_told",
    ),
    _one(
        "R8",
        "a server of before a restore starts beside what was signed after it",
        "sync.server.central:Central.refuse_older",
        "unknown = epoch not in (self.epoch, *self._former_epochs())",
        "unknown = False",
        "tests/sync/test_backup.py::test_a_database_of_before_a_restore_beside_the_note_of_after_it_is_refused",
    ),
    _one(
        "R9",
        "a file is deleted here once the server has it",
        "sync.sending:Sending._received",
        "engine.outcome.files_sent += 1",
        "engine.outcome.files_sent += 1; self._vault.path_of(sha256).unlink(missing_ok=True)",
    ),
    _one(
        "R9",
        "after a restore files are not sent again",
        "sync.former:leave",
        'FileRow.update(state="queued", offset=0, receipt=None).where(FileRow.state.in_(THERE)).execute()',
        "pass",
    ),
    _one(
        "R9",
        "a copy takes the place of a good backup before it was looked through",
        "sync.server.backup:_copied",
        "entries = copy.recheck()",
        "put_in_place(making, target, DATABASE)\n            entries = copy.recheck()",
        f"{AGAIN}test_a_damaged_server_does_not_take_the_place_of_its_good_backup",
    ),
    _one(
        "R10",
        "the last writer wins, whatever was seen",
        "models.store.fold:fold",
        "gone = replaced.get(name)",
        "gone = None",
    ),
    _one(
        "R10",
        "of two values that nobody saw one is dropped",
        "models.store.fold:fold",
        "heads.reverse()",
        "heads[:] = heads[-1:]",
    ),
    Mutant(
        "R11",
        "what a seal covers is not asked",
        (
            Patch("sync.server.seals:Closing.closed", "if head.k in NEVER_CLOSED:", "if True:"),
            Patch("sync.server.seals:left_out", "if covers is None:", "if True:"),
        ),
    ),
    _one(
        "R11",
        "only what comes after a seal is judged by it",
        "sync.server.seals:left_out",
        "if covers is None:",
        "if True:",
        PUSH + "test_a_seal_puts_aside_what_came_before_it_and_is_not_covered",
    ),
    _one(
        "R12",
        "the witness of time is sent alone",
        f"{SEAT}.remember_server_time",
        "return server_ms - wall",
        'note = Change("note", "site", self.device, self.unit, body={"text": anchor})\n'
        "    self.write(note)\n    return server_ms - wall",
    ),
    _one(
        "R12",
        "the device's own time stands for the server's",
        f"{SEAT}.remember_server_time",
        '{"server": server_ms,',
        '{"server": wall,',
    ),
    _one(
        "R13",
        "numbers within a unit have holes",
        "sync.server.log:Appender._next",
        "self._counts[unit] += 1",
        "self._counts[unit] += 1 + (self._counts[unit] % 9 == 8)",
    ),
    _one(
        "R13",
        "a hole in a unit's numbers is passed over",
        "sync.paging:dense",
        'raise senseless("hole")',
        "pass",
        "tests/sync/test_batches.py",
    ),
    _one(
        "R13",
        "a page's place is kept apart from its entries",
        "sync.pulling:Pulling._keep",
        "with self._seat.writing():",
        "import sync.ledger\n    with self._seat.writing():\n        for unit, number in have.items():\n"
        "            sync.ledger.schema.keep(sync.ledger.UnitPosition, unit=unit, last=number)\n"
        "    with self._seat.writing():",
        "tests/sync/test_disk_errors.py::test_a_record_that_comes_is_not_lost_to_what_the_disk_does",
    ),
    _one(
        "R13",
        "everyone reads every unit",
        "sync.server.pages:_merged",
        "for unit in caller.units)",
        "for unit in ('350600', '350602', '350603', '350622'))",
    ),
    _one(
        "R13",
        "confidential contents go to everyone with the unit",
        "sync.server.pages:_hidden",
        "return writers[row.device] != caller.officer",
        "return False",
    ),
    _one(
        "R13",
        "what is to come anew after a wider role counts as not here",
        f"{LEDGER}.follow_role",
        "UnitPosition.update(last=0).execute()",
        "UnitPosition.delete().execute()",
        f"{AGAIN}test_a_unit_that_is_taken_after_a_role_was_widened_is_forgotten_all_the_same",
    ),
    _one(
        "R14",
        "a revoked device is not heard at all",
        "sync.server.desk:Desk.push",
        "who = self._signed(request)",
        'who = self._signed(request)\n    if who.revoked:\n        raise Problem("revoked")',
    ),
    _one(
        "R14",
        "what a revoked device writes counts",
        "sync.server.judge:judge",
        "if caller.revoked:",
        "if False:",
        "tests/sync/test_synchronise.py::test_a_revoked_device_hands_in_what_it_has_and_receives_nothing",
    ),
    _one(
        "R14",
        "what follows a revoked device may read",
        "sync.server.people:succeed",
        "revoked_at=before.revoked_at,",
        "",
        "tests/sync/test_rehoming.py::test_a_revoked_copy_hands_in_what_it_has_and_receives_nothing",
    ),
    _one(
        "R14",
        "a revoked device has followers without an end",
        "sync.server.people:succeed",
        "len(_lineage(former.device)) > SUCCESSORS",
        "False",
        "tests/sync/test_rehoming.py::test_what_follows_a_revoked_device_is_counted_with_it",
    ),
    _one(
        "R14",
        "a revocation that notebooks give back has no effect",
        "sync.server.rights:obey",
        'elif head.k == "revoke":',
        "elif False:",
    ),
    _one(
        "R14",
        "a grant that notebooks give back has no effect",
        "sync.server.rights:obey",
        "for officer in officers:",
        "for officer in ():",
    ),
    _one(
        "R15", "kinds of a later version are put aside", "sync.server.judge:_by_role", "if not known or", "if"
    ),
    _one(
        "R15",
        "a notebook drops kinds that it does not know",
        f"{TAKING}.receive",
        "elif here_already is None:",
        'elif here_already is None and head.t != "kind_of_2031":',
    ),
    Mutant(
        "R16",
        "files go before the entries that name them",
        (
            Patch(
                "sync.client:_whole",
                "yield from engine.catch_up(have)",
                "yield from Sending(engine).whole()\n    yield from engine.catch_up(have)",
            ),
            Patch(f"{LEDGER}.waiting_files", " if row.seq <= received", ""),
        ),
    ),
    _one(
        "R16",
        "a file counts as received though its bytes have another hash",
        "sync.server.uploads:_finish",
        "if digest != sha256:",
        "if False:",
    ),
    _one(
        "R16",
        "a receipt is believed unread",
        f"{ENGINE}._receipt_of",
        "receipt.verify(self.key, self.origin)",
        "pass",
        "tests/sync/test_http.py::test_a_push_whose_receipt_does_not_verify_counts_as_nothing",
    ),
    _one(
        "R16",
        "it says done while files wait",
        "sync.sending:Sending._tell_what_is_left",
        "if left:",
        "if False:",
        "tests/simulation/test_found.py::test_a_file_that_may_not_be_sent_does_not_hold_up_the_others",
    ),
    _one(
        "R16",
        "a signed request is taken twice",
        "sync.server.people:use_nonce",
        'raise Problem("auth", "this request was taken already")',
        "pass",
        "tests/sync/test_http.py::test_the_same_request_is_taken_once_only",
    ),
)
