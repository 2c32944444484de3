"""A redacted copy of a sealed record for the public: a paper, and pictures without what cameras write.

The original is not touched. Names of persons, identity numbers, telephones, addresses and what was named as a
trade secret are taken out; names of enterprises stay. The copy says that it is one, and of which record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from models.documents import evidence_list, page, record_paper
from models.documents.export import export
from models.documents.paper import Paper, moment, preview
from models.documents.word import docx_of
from models.errors import BadInput, RuleBroken
from models.inspections import canonical
from models.inspections.photo import LARGEST_BYTES, PhotoReader
from models.language import N_
from models.outreach.anonymise import Known, anonymise
from models.outreach.known import known_of
from models.registry.sealing import Sealed, seal_of, sealed_bytes
from models.store.redacting import files_ordered

if TYPE_CHECKING:
    from models.store.seat import Seat

_TAKEN_OUT = frozenset({"person", "address", "phone", "identity", "mail", "card", "plate"})
"""Kinds of what is known that the copy leaves out; `anonymise` takes out besides what only looks like it."""
_SECRET = "〔商业秘密〕"
_NOTICE = (
    "本件是公开副本，已隐去个人信息和标明的商业秘密，不是原件，不能代替原件。"
    "原件为已签封笔录 {number}，签封时间（设备时钟）{time}，SHA-256 {sha256}；{state}。"
)
_UNCHANGED = "原件未作改动"
_LESS = "签封后有内容已按令删除（{why}），本件也不含该内容"
_WIDTH = 78
_EDGE = 1600
"""Pixels of the longer side of a copied picture."""


def public_paper(
    seat: Seat, inspection_id: str, paper: str, suffix: str, *, hide: Sequence[str] = ()
) -> bytes | str:
    """A redacted copy of a paper as it goes into a file.

    Args:
        paper: "record" or "evidence".
        suffix: ".docx", ".html" or ".txt".
        hide: words that are trade secrets.

    Raises:
        RuleBroken: the inspection is not sealed.
        BadInput: for another file type, or words that do not stand in the paper.
    """
    sealed = _sealed(seat, inspection_id)
    made = record_paper.record_paper if paper == "record" else evidence_list.list_paper
    copy = _redacted(made(seat, inspection_id), sealed, known_of(seat, inspection_id), hide)
    if suffix.lower() == ".docx":
        return docx_of(copy)
    if suffix.lower() == ".html":
        return page.html_page(copy)
    if suffix.lower() == ".txt":
        return "\n".join(preview(copy, _WIDTH)) + "\n"
    raise BadInput(
        N_("A public copy is written as .docx, .html or .txt; “{suffix}” is none of them."), suffix=suffix
    )


class Pictures(NamedTuple):
    """What became of the pictures of a public copy."""

    written: list[Path]
    gone: list[str]
    """Names of those that are left out, as an order took their content out."""


def public_pictures(seat: Seat, inspection_id: str, folder: Path) -> Pictures:
    """Copies of the pictures among the evidence, drawn anew: no place, time or camera is left in them.

    What is in the picture stays: faces, number plates. A person looks at each before it goes out.

    Raises:
        RuleBroken: the inspection is not sealed.
        BadInput: a picture cannot be drawn anew, or the folder cannot be written.
        StoreRefused: a picture is not on this laptop, or damaged.
    """
    _sealed(seat, inspection_id)
    record = canonical.decode(sealed_bytes(seat, inspection_id) or b"{}")
    with seat:
        gone = {each for each in files_ordered(seat.journal) if not seat.vault.has(each)}
    pictures = Pictures([], [])
    with PhotoReader() as reader:
        for item in record.get("evidence") or []:
            if not (item["path"] and str(item["media"]).startswith("image/")):
                continue
            if item["sha256"] in gone:
                pictures.gone.append(Path(item["path"]).name)
                continue
            with seat.vault.open(item["sha256"]) as stream:
                data = stream.read(LARGEST_BYTES)
            target = folder / f"public-{Path(item['path']).stem}.jpg"
            pictures.written.append(export(seat, reader.thumbnail(data, _EDGE), target))
    return pictures


def _sealed(seat: Seat, inspection_id: str) -> Sealed:
    found = seal_of(seat, inspection_id)
    if found is None:
        raise RuleBroken(
            N_("A public copy is made of a sealed record only. Seal it first."), field="inspection"
        )
    return found


def _redacted(paper: Paper, sealed: Sealed, known: Sequence[Known], hide: Sequence[str]) -> Paper:
    some = [each for each in known if each.what in _TAKEN_OUT]
    secrets = [word for word in hide if word.strip()]
    missing = set(secrets)

    def text(value: str) -> str:
        for word in secrets:
            if word in value:
                missing.discard(word)
                value = value.replace(word, _SECRET)
        return anonymise(value, some).text

    state = _LESS.format(why=sealed.taken_out) if sealed.taken_out else _UNCHANGED
    time = moment(sealed.sealed_at)
    notice = _NOTICE.format(number=sealed.number, time=time, sha256=sealed.sha256, state=state)
    copy = dataclasses.replace(
        paper,
        title=f"{paper.title}（公开副本）",
        blocks=tuple(_mapped(block, text) for block in paper.blocks),
        page_signature="",
        seal_note="",
        promise=notice,
        qr_text="",
    )
    if missing:
        raise BadInput(N_("“{words}” does not stand in this paper."), words=min(missing))
    return copy


def _mapped(value: Any, text: Callable[[str], str]) -> Any:
    """A part of a paper with every text in it changed."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple):
        return tuple(_mapped(each, text) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: _mapped(getattr(value, each.name), text) for each in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value
