"""Commands of proof: package, verify."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadInput
from models.language import N_, _
from tui.cli.opening import opened, own_notebook
from tui.cli.telling import DONE, FINDINGS, tell

if TYPE_CHECKING:
    from models.documents.verify import Verdict


def package(given: argparse.Namespace) -> int:
    from sync.proof.making import package

    with opened(given) as notebook:
        packed = package(notebook, given.record, given.to)
    lines = [_("Written: {file}").format(file=packed.file)]
    if not packed.registered:
        lines.append(_("It holds no certificate of the device: enrol the notebook, and make it again."))
    if not packed.logged:
        lines.append(_("It holds no proof of the server's log: synchronise, and make it again."))
    facts = {
        "file": str(packed.file),
        "number": packed.number,
        "files": packed.files,
        "registered": packed.registered,
        "logged": packed.logged,
    }
    tell(given, facts, "\n".join(lines))
    return DONE


def verify(given: argparse.Namespace) -> int:
    from sync.proof.reading import is_package

    is_text = given.subject.upper().startswith("HTTPS://")
    verdict = _of_package(given) if not is_text and is_package(Path(given.subject)) else _of_text(given)
    lines = [*verdict.sentences(), *(f"{label}: {value}" for label, value in verdict.fields())]
    facts = {"answer": verdict.answer, "sentences": verdict.sentences(), "fields": dict(verdict.fields())}
    tell(given, facts, "\n".join(lines))
    return DONE if verdict.genuine else FINDINGS


def _of_package(given: argparse.Namespace) -> Verdict:
    """The verdict on a package by the root given, else by the one that the notebook is enrolled under."""
    from sync.proof.checking import check
    from sync.proof.reading import NotOurs, opened
    from sync.proof.verdict import FALSE, UNKNOWN, refused

    if given.key or given.qr:
        raise BadInput(N_("A package bears its own keys and seal. Give the root certificate with --root."))
    root = _certificate(given.root) if given.root else _own_root(given)
    try:
        with opened(Path(given.subject)) as files:
            return check(files, root, _certificate(given.tsa) if given.tsa else None)
    except BadInput as error:  # not in the form of a package: the sentence that says so is the verdict
        answer = FALSE if isinstance(error, NotOurs) else UNKNOWN
        return refused(answer, error.msgid, **error.params)


def _certificate(path: Path) -> bytes:
    from sync.proof.trust import is_root

    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(N_("{name} cannot be read."), name=path.name) from error
    if not is_root(data):
        raise BadInput(N_("{name} is no root certificate (PEM)."), name=path.name)
    return data


def _own_root(given: argparse.Namespace) -> bytes | None:
    from models.store.home import home_folder, notebook_folders
    from sync import queries

    if not notebook_folders(home_folder()):
        return None  # whoever has only the program: the verdict says that a root is needed
    notebook = own_notebook(given)
    try:
        enrolment = queries.enrolment(notebook)
    finally:
        notebook.close()
    return enrolment.authority.encode() if enrolment is not None else None


def _of_text(given: argparse.Namespace) -> Verdict:
    from models.documents.verify import UNKNOWN, Verdict, key_in_file, keys_of, verify_given
    from models.store.home import home_folder, notebook_folders

    data, keys = _subject(given.subject), dict(map(key_in_file, given.key))
    if _is_neither(data):
        words = N_(
            "{name} is no evidence package, no record and no text of a QR code. Give the package (zip or "
            "unpacked), the record (JSON), or the text that begins with HTTPS://, itself or in a file."
        )
        return Verdict(UNKNOWN, words, {"name": Path(given.subject).name})
    if keys:
        return verify_given(data, keys, qr_text=given.qr or "")
    keyless = verify_given(data, {}, qr_text=given.qr or "")
    read = keyless.seal is not None or keyless.with_record
    if not read or not notebook_folders(home_folder()):
        return keyless  # no key would tell more; or there is none, and the verdict says which is needed
    notebook = own_notebook(given)
    try:
        return verify_given(data, keys_of(notebook), qr_text=given.qr or "", seat=notebook)
    finally:
        notebook.close()


def _is_neither(data: bytes) -> bool:
    """Whether it can be no record (JSON), and begins as none of the codes that we print."""
    from models.documents.paper import LABEL_PREFIX, SAMPLE_PREFIX

    start = b"".join(data[:64].removeprefix(b"\xef\xbb\xbf").split()).upper()
    return not start.startswith((b"{", b"HTTPS://", LABEL_PREFIX.encode(), SAMPLE_PREFIX.encode()))


def _subject(subject: str) -> bytes:
    """The bytes of the file of that name, else the text itself."""
    if subject.upper().startswith("HTTPS://"):
        return subject.encode("utf-8", "replace")
    try:
        return Path(subject).read_bytes()
    except OSError as error:
        raise BadInput(
            N_("{name} is neither a QR text nor a file that can be read."), name=subject
        ) from error
