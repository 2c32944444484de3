"""Commands on a notebook: enrol, sync, doctor, list, document."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadInput, QingchaError
from models.language import N_, _, listed
from tui.cli.opening import new_passphrase, opened, own_notebook, typed_passphrase
from tui.cli.telling import DONE, FINDINGS, has_terminal, say, tell

if TYPE_CHECKING:
    from models.store.notebook import Notebook
    from sync.address import ServerAddress
    from sync.outcome import Outcome


def begin(given: argparse.Namespace) -> int:
    """`qingcha begin NAME`: a notebook, as F7 on the first screen begins one; to be enrolled next."""
    from models.registry.units import unit_named
    from models.store.home import home_folder, refuse_keyless
    from tui.services import Beginning, begin_notebook, known_notebooks, label_for, owner_of

    home = home_folder()
    unit = unit_named(given.unit)
    asked = Beginning(given.name, given.certificate, unit.code if unit is not None else given.unit, "")
    label = label_for(owner_of(asked))  # what is wrong with it is told before a passphrase is asked for
    refuse_keyless(home)
    there = [known.name for known in known_notebooks(home)]
    if there and (label in there or not given.another):
        raise BadInput(
            N_(
                "There is a notebook on this laptop already: {names}. Use it; --another begins one for "
                "somebody else."
            ),
            names=listed(there),
        )
    notebook = begin_notebook(home, replace(asked, passphrase=new_passphrase("QINGCHA_PASSPHRASE")))
    notebook.close()
    tell(
        given,
        {
            "notebook": notebook.folder.name,
            "folder": str(notebook.folder),
            "name": label,
            "device": notebook.device,
        },
        _("The notebook of {name} is begun, in {folder}."),
        name=label,
        folder=notebook.folder,
    )
    say(
        _(
            "Its passphrase alone opens it. Enrol it next, so that the agency's recovery key opens it too: "
            "qingcha enrol CODE"
        )
    )
    return DONE


def passphrase(given: argparse.Namespace) -> int:
    """`qingcha passphrase`: another passphrase for a notebook."""
    from models.store import keys
    from models.store.clock import now_ms
    from models.store.home import home_folder, the_notebook

    path = the_notebook(home_folder(), given.notebook) / "keys.json"
    keyring = keys.system_keyring() if keys.takes_part(path) else None
    keys.change_passphrase(path, typed_passphrase(), new_passphrase(), keyring=keyring, now_ms=now_ms())
    tell(given, {"changed": True}, _("The passphrase is changed. The old one opens nothing any more."))
    return DONE


def recover(given: argparse.Namespace) -> int:
    """`qingcha recover`: open a notebook with the agency's recovery key and give it a new passphrase."""
    from models.store import keys
    from models.store.home import home_folder, the_notebook

    folder = the_notebook(home_folder(), given.notebook)
    identity = key_in(given.key)
    chosen = new_passphrase()
    keys.recover(folder / "keys.json", identity, chosen, keyring=keys.system_keyring())
    _note_recovery(folder, chosen)
    tell(given, {"recovered": True}, _("The notebook is recovered. Unlock it with the new passphrase."))
    return DONE


def key_in(files: Sequence[Path]) -> str:
    """The recovery key that stands in a file, or that the shares in several give.

    Raises:
        BadInput: one cannot be read, or as `models.store.shares.key_of`.
    """
    from models.store.shares import key_of

    texts = {}
    for path in files:
        try:
            texts[str(path)] = path.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeError) as error:
            raise BadInput(N_("{name} cannot be read."), name=path.name) from error
    return key_of(texts)


def _note_recovery(folder: Path, passphrase: str) -> None:
    """Write into the log that the agency's key was used: whoever reads the unit is to see it.

    On the person's own record, which nobody needs a right for. What stands in the way is told, not more: the
    notebook is recovered.
    """
    from models.registry.queries import officer
    from models.store.change import note
    from tui.services import open_notebook

    try:
        with contextlib.closing(open_notebook(folder, passphrase)) as notebook:
            person = officer(notebook, notebook.person)
            unit = person.unit if person is not None else notebook.unit
            words = _("This notebook was opened with the agency's recovery key, and got a new passphrase.")
            notebook.write(note("officer", notebook.person, unit, words))
    except QingchaError as error:
        say(error.text())


def _address(given: argparse.Namespace) -> ServerAddress | None:
    from sync.address import ServerAddress

    if given.ca is not None and not given.server:
        raise BadInput(N_("--ca goes with an address: give --server too."))
    return ServerAddress.parse(given.server, given.ca) if given.server else None


def _address_in(given: argparse.Namespace) -> ServerAddress | None:
    """The address typed, else the one in the QR text, with the authority given."""
    from sync.address import ServerAddress, read_enrolment

    named = read_enrolment(given.code)
    if given.server or named is None:
        return _address(given)
    return ServerAddress.parse(named.address, given.ca)


def enrol(given: argparse.Namespace) -> int:
    from sync.client import enrol

    notebook = own_notebook(given)
    try:
        enrolled = enrol(notebook, _address_in(given), given.code)
    finally:
        notebook.close()
    tell(
        given,
        {"server": enrolled.address.url, "device": notebook.device, "name": enrolled.name},
        _("Enrolled with {server}, for {name}."),
        server=enrolled.address.url,
        name=enrolled.name,
    )
    return DONE


def sync(given: argparse.Namespace) -> int:
    from models.inspections.queries import files_of_number
    from sync.client import synchronise

    notebook = own_notebook(given)
    try:
        first = files_of_number(notebook, given.first) if given.first else []
        outcome = synchronise(notebook, _address(given), files_first=first, code=given.code)
        while outcome.code_due and not given.json and has_terminal():
            tell_outcome(given, outcome)
            code = _typed_code()
            if not code:
                return outcome.exit_code
            outcome = synchronise(notebook, _address(given), files_first=first, code=code)
    finally:
        notebook.close()
    return tell_outcome(given, outcome)


def _typed_code() -> str:
    """Six digits from the terminal; "" where none are given."""
    from getpass import getpass

    from sync.second_factor import code_in

    while text := getpass(_("Code of the phone's app (Enter alone: not now): "), stream=sys.stderr).strip():
        try:
            return code_in(text)
        except BadInput as error:
            say(error.text())
    return ""


def tell_outcome(given: argparse.Namespace, outcome: Outcome) -> int:
    """How a synchronisation went, by whatever way; its exit code."""
    import dataclasses

    for trouble in (*outcome.problems, *outcome.warnings):
        say(trouble.text())
    facts = dataclasses.asdict(outcome)
    facts["problems"] = [trouble.text() for trouble in outcome.problems]
    facts["warnings"] = [trouble.text() for trouble in outcome.warnings]
    tell(
        given,
        facts,
        _(
            "Receipts: entries {sent}, files {files}. Came: entries {received}. Left: entries {left}, files"
            " {waiting}."
        ),
        sent=outcome.entries_sent,
        files=outcome.files_sent,
        received=outcome.entries_received,
        left=outcome.unsent_entries,
        waiting=outcome.unsent_files,
    )
    return outcome.exit_code


def lost_files(notebook: Notebook) -> list[str]:
    """A sentence for each file of one's own that neither this notebook nor the server has whole."""
    from models.inspections.tables import Evidence
    from sync.ledger import Ledger

    lost = [row.sha256 for row in Ledger(notebook).files_nowhere()]
    with notebook:
        rows = Evidence.select().where(Evidence.sha256.in_(lost))
        names = {row.sha256: row.name or row.title or "" for row in rows}
    words = _(
        "The file {name} (SHA-256 {sha256}) is not whole here, and the server has not received it. "
        "Take the original in again as evidence, or put the file back from a backup of this notebook."
    )
    return [words.format(name=names.get(sha256, ""), sha256=sha256) for sha256 in lost]


_TOKEN = {
    "keyring": N_("The token by which a copy is found out is kept in the key store."),
    "file": N_("The token by which a copy is found out is kept in a file, as no key store takes part."),
    "": N_("The token by which a copy is found out could be kept nowhere: only the server finds a copy out."),
}


def doctor(given: argparse.Namespace) -> int:
    """`qingcha doctor`: everything that is not whole, a sentence each."""
    from models.store import token
    from models.store.health import problems
    from sync.queries import unnamed_files

    notebook = own_notebook(given)
    try:
        place = token.place_of(notebook)
        broken = problems(notebook)
        found = [*broken, *lost_files(notebook)]
        if left := len(unnamed_files(notebook)):
            found.append(_("Files that no record names: {count}. See: qingcha found").format(count=left))
    finally:
        notebook.close()
    if broken:
        say(
            _(
                "Delete nothing and begin no new notebook. Copy this one with 'qingcha backup', "
                "synchronise if that still goes, and tell the administrator what stands above."
            )
        )
    lines = [*(found or [_("The notebook is whole.")]), _(_TOKEN[place])]
    tell(given, {"problems": found, "token": place}, "\n".join(lines))
    return FINDINGS if found else DONE


def list_inspections(given: argparse.Namespace) -> int:
    import dataclasses

    from models.inspections import queries
    from models.inspections.rules import STATES

    with opened(given) as notebook:
        rows = queries.inspection_rows(notebook, queries.inspection_ids(notebook, given.text))
    lines = [f"{row.number}  {_(STATES.get(row.state, row.state))}  {row.site_name}" for row in rows]
    tell(given, [dataclasses.asdict(row) for row in rows], "\n".join(lines) or _("None found."))
    return DONE


def document(given: argparse.Namespace) -> int:
    from models.documents.export import export
    from models.documents.papers import written_paper
    from models.inspections.queries import by_number

    if not given.public and (given.hide or given.pictures):
        raise BadInput(N_("--hide and --pictures are for a public copy: give --public too."))
    with opened(given) as notebook:
        inspection = by_number(notebook, given.number)
        if given.public:
            return _public(given, notebook, inspection)
        paper = written_paper(notebook, inspection, given.paper, given.target.suffix)
        written = export(notebook, paper, given.target)
    tell(given, {"file": str(written)}, _("Written: {file}"), file=written)
    return DONE


def _public(given: argparse.Namespace, notebook: Notebook, inspection: str) -> int:
    """The redacted copy of a paper, and of the pictures where a folder for them was given."""
    from models.documents.export import export
    from models.documents.public_copy import public_paper, public_pictures

    copy = public_paper(notebook, inspection, given.paper, given.target.suffix, hide=given.hide)
    files = [export(notebook, copy, given.target)]
    if given.pictures is not None:
        pictures = public_pictures(notebook, inspection, given.pictures)
        files += pictures.written
        for name in pictures.gone:
            say(_("{name} is left out: its content was taken out by order.").format(name=name))
        say(_("Look at each picture before it goes out: faces and number plates are still in it."))
    tell(given, {"files": files}, "\n".join(_("Written: {file}").format(file=file) for file in files))
    return DONE
