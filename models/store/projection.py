"""Keeping the record tables equal to what the journal folds to, in the transaction of the write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from peewee import IntegerField, Model, TextField

from models import catalogue
from models.store import schema
from models.store.database import here, of_the_disk, run, run_many
from models.store.entry import Entry, is_withheld
from models.store.fold import SETTING, Folded, fold
from models.store.journal import FIXED, PUT_ASIDE, RECEIVED, EntryRow, Journal
from models.store.lookup import rows_of
from models.store.records import row_of, row_of_one
from models.store.redacting import Redacted
from models.store.search_terms import terms

NEXT = "__next"
"""Suffix of the table that a refold fills before it is swapped in."""


class Searched(Model):
    """The search terms of a record; `id` is its row in the full-text index."""

    record = TextField()
    kind = TextField()
    unit = TextField()
    terms = TextField()

    class Meta:
        database = here
        legacy_table_names = False
        indexes = ((("record", "kind"), True),)


class Conflicted(Model):
    """Records with a field that has more than one head."""

    record = TextField(primary_key=True)
    kind = TextField()
    unit = TextField()
    fields = TextField()
    """Names, comma-joined."""

    class Meta:
        database = here
        legacy_table_names = False


class ProjectionState(Model):
    """Which version of each kind's projection the tables hold."""

    kind = TextField(primary_key=True)
    version = IntegerField()
    folding = IntegerField(null=True)
    """The version that a refold is making; None when none runs."""
    done_to = TextField(default="")
    """The refold has done all records up to this id."""

    class Meta:
        database = here
        legacy_table_names = False


_FULL_TEXT = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS full_text USING fts5"
    "(terms, content='', contentless_delete=1, tokenize=\"unicode61 remove_diacritics 0 tokenchars '~'\")"
)
_INDEX = "INSERT INTO full_text (rowid, terms) VALUES (?, ?)"
_CONFLICT = schema.upsert("conflicted", ("record", "kind", "unit", "fields"), ("record",))


class Projector:
    """Writes projections through the connection that is entered; call it inside a transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._statements: dict[str, str] = {}
        self._refolding: set[str] | None = None
        self._clashing: set[tuple[str, str]] | None = None

    def forget(self) -> None:
        """Drop what is remembered of the tables, after a transaction that failed; it is read again."""
        self._refolding = self._clashing = None

    @property
    def refolding(self) -> set[str]:
        """The kinds whose rows are being made anew: what is written goes to both tables."""
        if self._refolding is None:
            states = rows_of(ProjectionState, "kind")
            self._refolding = {state.kind for state in states if state.folding is not None}
        return self._refolding

    @property
    def _clashes(self) -> set[tuple[str, str]]:
        if self._clashing is None:
            self._clashing = {(row.kind, row.record) for row in rows_of(Conflicted, "record")}
        return self._clashing

    @staticmethod
    def tables() -> tuple[Any, ...]:
        """The journal's tables and those of all kinds."""
        own = (EntryRow, Redacted, Searched, Conflicted, ProjectionState)
        return (*own, *(kind.table for kind in catalogue.kinds()))

    def create_tables(self, there: Mapping[str, set[str]]) -> None:
        """Make what is missing; give old tables this version's columns, so that they stay readable.

        Args:
            there: what `schema.present` gave.
        """
        schema.make([EntryRow, Redacted, Searched, Conflicted, ProjectionState], there)
        if "entry_unsent" in there:  # of before; another one has taken its place
            run("DROP INDEX entry_unsent")
        if here.full_text:
            run(_FULL_TEXT)
        here.guard(FIXED)
        self.forget()
        states = {state.kind: state for state in rows_of(ProjectionState, "kind")}
        # entries of a kind may have come before this version knew it: asked of all, as that is one look
        waiting = EntryRow.select().exists()
        begun = []
        for kind in catalogue.kinds():
            columns_there = there.get(kind.table._meta.table_name)
            widened = columns_there is not None and schema.widen(kind.table, columns_there)
            later = columns_there is not None and schema.has_more(kind.table, columns_there)
            state = states.pop(kind.name, None)
            if state is None:
                begun.append({"kind": kind.name, "version": 0 if waiting else kind.version})
            elif widened or later:
                _fold_anew(state)
        for state in states.values():
            _fold_anew(state)  # a later version's, to which this one adds entries and no rows
        schema.make([kind.table for kind in catalogue.kinds()], there)
        if begun:
            ProjectionState.insert_many(begun).execute()

    def project(
        self, kind_name: str, record_id: str, entries: Iterable[Entry], *, fresh: bool = False
    ) -> Folded:
        """Fold one record and write its row, its search terms and its conflicts.

        Entries that call the same id another kind of record have no part in it.

        Args:
            kind_name: the kind of record.
            record_id: its id.
            entries: all entries of that id.
            fresh: whether nothing of the record was written before.
        """
        own = [entry for entry in entries if entry.parsed_head.t == kind_name]
        state = fold(own, self._journal.authority)
        self.write_state(kind_name, record_id, state, fresh=fresh)
        if state.judged:
            self._mark(record_id, {entry.hash for entry in own}, state.put_aside)
        return state

    def project_many(self, records: Iterable[tuple[str, str, list[Entry], bool]]) -> None:
        """As `project` for each (kind, id, entries, fresh); what is new goes in by one statement a table.

        The first that fails ends it with its error: call it in a savepoint.
        """
        rows: dict[str, list[list[Any]]] = {}
        found: list[tuple[str, str, str, str]] = []
        for kind_name, record_id, entries, fresh in records:
            kind = catalogue.kind(kind_name)
            head = entries[0].parsed_head if len(entries) == 1 else None
            new = fresh and kind_name not in self.refolding and (kind_name, record_id) not in self._clashes
            if not new or kind is None or head is None or head.k not in SETTING or head.t != kind_name:
                self.project(kind_name, record_id, entries, fresh=fresh)
                continue
            if not head.sc or is_withheld(entries[0].body):
                continue  # no row, as `project` writes none
            row = row_of_one(kind.table, record_id, entries[0])
            rows.setdefault(kind_name, []).append([row.get(name) for name in _names(kind.table)])
            words = _words(kind, row)
            if words:
                found.append((record_id, kind_name, row["unit"], words))
        for kind_name, some in rows.items():
            table = catalogue.kind(kind_name).table  # type: ignore[union-attr]
            run_many(self._insertion(table, table._meta.table_name), some)
        self._index_new(found)

    @staticmethod
    def _index_new(found: list[tuple[str, str, str, str]]) -> None:
        """Keep the terms of records that have none yet: (record, kind, unit, terms)."""
        if not found:
            return
        last = run("SELECT COALESCE(MAX(id), 0) FROM searched").fetchone()[0]
        run_many(
            "INSERT INTO searched (id, record, kind, unit, terms) VALUES (?, ?, ?, ?, ?)",
            [(number, *parts) for number, parts in enumerate(found, last + 1)],
        )
        if here.full_text:
            run_many(_INDEX, [(number, parts[3]) for number, parts in enumerate(found, last + 1)])

    def projected_at_once(
        self, records: Iterable[tuple[str, str, list[Entry], bool]], savepoint: AbstractContextManager[Any]
    ) -> bool:
        """As `project_many` within a savepoint; False, and nothing done, when a record fails.

        What the disk does, which is no record's fault, is raised.
        """
        try:
            with savepoint:
                self.project_many(records)
        except Exception as error:
            if of_the_disk(error):
                raise
            return False
        return True

    def write_state(self, kind_name: str, record_id: str, state: Folded, *, fresh: bool = False) -> None:
        """Write the row of a folded record; a kind that this version does not know has none."""
        kind = catalogue.kind(kind_name)
        if kind is None:
            return
        name = kind.table._meta.table_name
        names = (name, name + NEXT) if kind_name in self.refolding else (name,)
        self._write_folded(kind, names, record_id, state, fresh=fresh)

    def _write_folded(
        self, kind: catalogue.RecordKind, names: Iterable[str], record_id: str, state: Folded, *, fresh: bool
    ) -> None:
        row = row_of(kind.table, record_id, state) if state.unit else None
        for name in names:
            self._write_row(kind.table, name, record_id, row)
        if kind.search:
            self._index(kind, record_id, row, fresh=fresh)
        if row is not None and row["conflicts"]:
            run(_CONFLICT, (record_id, kind.name, state.unit, ",".join(state.conflicts)))
            self._clashes.add((kind.name, record_id))
        elif (kind.name, record_id) in self._clashes:
            # left in the set: should this transaction fail, the row is still there
            run("DELETE FROM conflicted WHERE record = ? AND kind = ?", (record_id, kind.name))

    @staticmethod
    def _mark(record_id: str, own: set[bytes], aside: dict[str, str]) -> None:
        """Note at the entries of a record which of them the authority put aside, whichever came first."""
        rows = run("SELECT n, hash, state, problem FROM entry WHERE record = ?", (record_id,))
        for n, digest, state, problem in rows.fetchall():
            if digest not in own:
                continue
            reason = aside.get(digest.hex())
            if reason is not None and (state, problem) != (PUT_ASIDE, reason):
                change: tuple[int, str | None, int] = (PUT_ASIDE, reason, n)
            elif reason is None and state == PUT_ASIDE:
                change = (RECEIVED, None, n)
            else:
                continue
            run("UPDATE entry SET state = ?, problem = ? WHERE n = ?", change)

    def _write_row(self, table: Any, name: str, record_id: str, row: dict[str, Any] | None) -> None:
        if row is None:
            run(f'DELETE FROM "{name}" WHERE id = ?', (record_id,))
            return
        run(self._insertion(table, name), [row.get(field) for field in _names(table)])

    def _insertion(self, table: Any, name: str) -> str:
        statement = self._statements.get(name)
        if statement is None:
            # compiled once per table: Peewee's compiler costs more than the insert itself
            statement = self._statements[name] = schema.upsert(name, _names(table), ("id",))
        return statement

    def _index(
        self, kind: catalogue.RecordKind, record_id: str, row: dict[str, Any] | None, *, fresh: bool
    ) -> None:
        found = "" if row is None else _words(kind, row)
        if fresh and not found:
            return
        old = None
        if not fresh:
            old = run(
                "SELECT id, terms FROM searched WHERE record = ? AND kind = ?", (record_id, kind.name)
            ).fetchone()
        if old is None:
            if found and row is not None:
                self._index_new([(record_id, kind.name, row["unit"], found)])
            return
        if old[1] == found:
            return
        run("UPDATE searched SET terms = ? WHERE id = ?", (found, old[0]))
        if here.full_text:
            run("DELETE FROM full_text WHERE rowid = ?", (old[0],))
            run(_INDEX, (old[0], found))

    def stale(self) -> list[catalogue.RecordKind]:
        """The kinds whose tables hold another version than this program folds."""
        states = {state.kind: state for state in rows_of(ProjectionState, "kind")}
        return [
            kind
            for kind in catalogue.kinds()
            if kind.name in states
            and (states[kind.name].version != kind.version or states[kind.name].folding is not None)
        ]

    def begin_refold(self, kind: catalogue.RecordKind) -> None:
        """Start, or go on with, the making of a kind's rows anew beside the old ones."""
        (state,) = rows_of(ProjectionState, "kind", kind=kind.name)
        name = kind.table._meta.table_name
        if state.folding != kind.version:
            run(f'DROP TABLE IF EXISTS "{name}{NEXT}"')
            schema.change(ProjectionState, {"kind": kind.name}, folding=kind.version, done_to="")
            self._create(kind.table, name + NEXT)
            self.forget()

    @staticmethod
    def _create(table: Any, name: str) -> None:
        statement, _ = table._schema._create_table(safe=True).query()
        run(here.made(statement).replace(f'"{table._meta.table_name}"', f'"{name}"', 1))

    def refold_some(self, kind: catalogue.RecordKind, limit: int = 500) -> bool:
        """Fold the next records of a kind into the new table; False when none is left: it is swapped in."""
        (state,) = rows_of(ProjectionState, "kind", kind=kind.name)
        if state.folding is None:
            return False  # another process has done it
        # a window over all records first, by the index alone, so that a rare kind's batch is short too
        window = run(
            "SELECT record FROM entry WHERE record > ? GROUP BY record ORDER BY record LIMIT ?",
            (state.done_to, limit),
        ).fetchall()
        if not window:
            self._swap(kind)
            return False
        last = window[-1][0]
        query = run(
            "SELECT DISTINCT record FROM entry WHERE record > ? AND record <= ? AND record_kind = ?",
            (state.done_to, last, kind.name),
        )
        records = [row[0] for row in query.fetchall()]
        names = (kind.table._meta.table_name + NEXT,)
        for record_id, entries in self._journal.entries_of_many(records).items():
            own = [entry for entry in entries if entry.parsed_head.t == kind.name]
            self._write_folded(kind, names, record_id, fold(own, self._journal.authority), fresh=False)
        schema.change(ProjectionState, {"kind": kind.name}, done_to=last)
        return True

    @staticmethod
    def settle_carried() -> None:
        """After all rows of another database came into these tables: what that could not bring along.

        The index of search terms is made anew, and a refold that was under way begins again: the table that
        it was filling stayed there.
        """
        ProjectionState.update(folding=None, done_to="").execute()
        if here.full_text:
            run("INSERT INTO full_text (rowid, terms) SELECT id, terms FROM searched")

    def _swap(self, kind: catalogue.RecordKind) -> None:
        name = kind.table._meta.table_name
        run(f'DROP TABLE "{name}"')
        self._create(kind.table, name)
        # SQLite copies a table without indexes as it is; to rename one it reads the whole schema
        run(f'INSERT INTO "{name}" SELECT * FROM "{name}{NEXT}"')
        run(f'DROP TABLE "{name}{NEXT}"')
        schema.make([kind.table], {name: set()})
        schema.change(ProjectionState, {"kind": kind.name}, version=kind.version, folding=None, done_to="")
        self.forget()


def _fold_anew(state: ProjectionState) -> None:
    """Let who knows this kind make its rows anew."""
    if (state.version, state.folding) != (0, None):
        state.version, state.folding = 0, None
        state.save()


def _names(table: Any) -> list[str]:
    names: list[str] = table._meta.sorted_field_names
    return names


def _words(kind: catalogue.RecordKind, row: dict[str, Any]) -> str:
    """The search terms of a row."""
    text = " ".join(str(row[name]) for name in kind.search if row.get(name))
    return terms(text) if text else ""
