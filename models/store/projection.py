"""Keeping the record tables equal to what the journal folds to, in the transaction of the write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from peewee import IntegerField, Model, TextField, chunked
from playhouse.migrate import SqliteMigrator, migrate

from models import catalogue
from models.store.database import here
from models.store.entry import Entry
from models.store.fold import Folded, fold
from models.store.journal import EntryRow, Journal
from models.store.records import columns, row_of
from models.store.search_terms import terms

NEXT = "__next"
"""Suffix of the table that a refold fills before it is swapped in."""


class Searched(Model):
    """The search terms of a record; `id` is its row in the full-text index."""

    record = TextField(unique=True)
    kind = TextField()
    unit = TextField()
    terms = TextField()

    class Meta:
        database = here
        legacy_table_names = False


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


class Projector:
    """Writes projections through the connection that is entered; call it inside a transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._statements: dict[str, str] = {}
        self._refolding: set[str] = set()
        self._clashing: set[str] = set()

    def create_tables(self) -> None:
        """Make what is missing; give old tables this version's columns, so that they stay readable."""
        here.create_tables([EntryRow, Searched, Conflicted, ProjectionState])
        here.execute_sql(_FULL_TEXT)
        self._clashing = {row.record for row in Conflicted.select(Conflicted.record)}
        known = {state.kind: state for state in ProjectionState.select()}
        for kind in catalogue.kinds():
            existed = kind.table.table_exists()
            if existed:
                self._add_missing_columns(kind.table)
            here.create_tables([kind.table])
            state = known.get(kind.name)
            if state is None:
                # entries of this kind may have come before this version knew it
                waiting = EntryRow.select().where(EntryRow.record_kind == kind.name).exists()
                ProjectionState.create(kind=kind.name, version=0 if waiting else kind.version)
            elif state.folding is not None:
                self._refolding.add(kind.name)

    @staticmethod
    def _add_missing_columns(table: Any) -> None:
        present = {column.name for column in here.get_columns(table._meta.table_name)}
        migrator = SqliteMigrator(here.obj)
        for name, field in table._meta.fields.items():
            if field.column_name not in present:
                plain = field.__class__(null=True)
                plain.name = plain.column_name = name
                migrate(migrator.add_column(table._meta.table_name, field.column_name, plain))

    def project(self, kind_name: str, record_id: str, entries: Iterable[Entry]) -> Folded:
        """Fold one record and write its row, its search terms and its conflicts."""
        state = fold(entries, self._journal.authority)
        self.write_state(kind_name, record_id, state)
        return state

    def write_state(self, kind_name: str, record_id: str, state: Folded) -> None:
        """Write the row of a folded record; a kind that this version does not know has none."""
        kind = catalogue.kind(kind_name)
        if kind is None:
            return
        row = row_of(kind.table, record_id, state) if state.unit else None
        self._write_row(kind.table, kind.table._meta.table_name, record_id, row)
        if kind_name in self._refolding:
            self._write_row(kind.table, kind.table._meta.table_name + NEXT, record_id, row)
        if kind.search:
            self._index(kind, record_id, row)
        clashes = state.conflicts + (["sealed"] if len(state.seals) > 1 else [])
        if clashes and row is not None:
            Conflicted.insert(
                record=record_id, kind=kind_name, unit=state.unit, fields=",".join(clashes)
            ).on_conflict_replace().execute()
            self._clashing.add(record_id)
        elif record_id in self._clashing:
            # left in the set: should this transaction fail, the row is still there
            Conflicted.delete().where(Conflicted.record == record_id).execute()

    def _write_row(self, table: Any, name: str, record_id: str, row: dict[str, Any] | None) -> None:
        if row is None:
            here.execute_sql(f'DELETE FROM "{name}" WHERE id = ?', (record_id,))
            return
        statement = self._statements.get(name)
        if statement is None:
            # compiled once per table: Peewee's compiler costs more than the insert itself
            fields = table._meta.sorted_field_names
            marks = ", ".join("?" for _ in fields)
            quoted = ", ".join(f'"{field}"' for field in fields)
            statement = f'INSERT OR REPLACE INTO "{name}" ({quoted}) VALUES ({marks})'
            self._statements[name] = statement
        here.execute_sql(statement, [row.get(field) for field in table._meta.sorted_field_names])

    def _index(self, kind: catalogue.RecordKind, record_id: str, row: dict[str, Any] | None) -> None:
        text = "" if row is None else " ".join(str(row[name]) for name in kind.search if row.get(name))
        found = terms(text) if text else ""
        old = here.execute_sql("SELECT id, terms FROM searched WHERE record = ?", (record_id,)).fetchone()
        if old is not None:
            if old[1] == found:
                return
            here.execute_sql("DELETE FROM full_text WHERE rowid = ?", (old[0],))
            here.execute_sql("UPDATE searched SET terms = ? WHERE id = ?", (found, old[0]))
            rowid = old[0]
        elif found and row is not None:
            rowid = here.execute_sql(
                "INSERT INTO searched (record, kind, unit, terms) VALUES (?, ?, ?, ?)",
                (record_id, kind.name, row["unit"], found),
            ).lastrowid
        else:
            return
        here.execute_sql("INSERT INTO full_text (rowid, terms) VALUES (?, ?)", (rowid, found))

    def stale(self) -> list[catalogue.RecordKind]:
        """The kinds whose tables hold another version than this program folds."""
        states = {state.kind: state for state in ProjectionState.select()}
        return [
            kind
            for kind in catalogue.kinds()
            if kind.name in states
            and (states[kind.name].version != kind.version or states[kind.name].folding is not None)
        ]

    def begin_refold(self, kind: catalogue.RecordKind) -> None:
        """Start, or go on with, the making of a kind's rows anew beside the old ones."""
        state = ProjectionState.get_by_id(kind.name)
        name = kind.table._meta.table_name
        if state.folding != kind.version:
            here.execute_sql(f'DROP TABLE IF EXISTS "{name}{NEXT}"')
            state.folding, state.done_to = kind.version, ""
            state.save()
            self._create_next(kind.table)
        self._refolding.add(kind.name)

    @staticmethod
    def _create_next(table: Any) -> None:
        name = table._meta.table_name
        statement, _ = table._schema._create_table(safe=True).query()
        here.execute_sql(statement.replace(f'"{name}"', f'"{name}{NEXT}"', 1))

    def refold_some(self, kind: catalogue.RecordKind, limit: int = 500) -> bool:
        """Fold the next records of a kind into the new table; False when none was left and it is swapped in."""
        state = ProjectionState.get_by_id(kind.name)
        query = (
            EntryRow.select(EntryRow.record)
            .where((EntryRow.record_kind == kind.name) & (EntryRow.record > state.done_to))
            .distinct()
            .order_by(EntryRow.record)
            .limit(limit)
        )
        records = [row.record for row in query]
        for some in chunked(records, limit):
            for record_id, entries in self._journal.entries_of_many(some).items():
                folded = fold(entries, self._journal.authority)
                row = row_of(kind.table, record_id, folded) if folded.unit else None
                self._write_row(kind.table, kind.table._meta.table_name + NEXT, record_id, row)
                if kind.search:
                    self._index(kind, record_id, row)
        if records:
            state.done_to = records[-1]
            state.save()
            return True
        self._swap(kind)
        return False

    def _swap(self, kind: catalogue.RecordKind) -> None:
        name = kind.table._meta.table_name
        here.execute_sql(f'DROP TABLE "{name}"')
        here.execute_sql(f'ALTER TABLE "{name}{NEXT}" RENAME TO "{name}"')
        here.create_tables([kind.table])
        self._refolding.discard(kind.name)
        ProjectionState.update(version=kind.version, folding=None, done_to="").where(
            ProjectionState.kind == kind.name
        ).execute()


def digest(table: Any) -> str:
    """SHA-256 over all rows of a record table in the order of their ids: equal rows, equal digest."""
    whole = hashlib.sha256()
    names = sorted([*columns(table), "id", "unit", "made_at", "made_by", "device", "changed_at"])
    names += ["voided", "sealed", "conflicts"]
    for row in table.select().order_by(table.id).dicts().iterator():
        whole.update(repr([row[name] for name in names]).encode("utf-8", "backslashreplace"))
    return whole.hexdigest()
