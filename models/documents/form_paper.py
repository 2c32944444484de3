"""填写的表单: a filled form on paper, question by question, as the bureau's form asks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.documents.beside_papers import NONE
from models.documents.facts import Facts, gather
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words, moment
from models.documents.record_paper import PAGE_SIGNATURE, promise_of, seal_note
from models.errors import BadInput
from models.forms.filling import Filling
from models.forms.model import Field
from models.forms.styling import unstyled
from models.forms.tables import BroughtForm
from models.forms.tree import Node
from models.inspections.form_filling import filling_of, kept_answers, lacking_in, place_words
from models.inspections.form_words import answer_words
from models.inspections.tables import FilledForm
from models.language import N_, in_chinese
from models.registry import keeping
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

NAMES = {"answers": N_("Filled form")}
_CODE = (
    "本页二维码是该次现场检查笔录的签封，其中写有本表单的全部答案。任何人可用公开工具核验：记录自签封后未改动，"
    "由登记设备签封。核验不证明内容真实，不证明设备时钟准确。"
)
_BLANK = "（未填）"


@dataclass(slots=True)
class _Part:
    """The questions under one heading."""

    heading: str
    rows: list[tuple[str, str]] = field(default_factory=list)


def form_paper(seat: Seat, filled_id: str, _name: str) -> Paper:
    """A filled form with every relevant question and what was answered.

    Raises:
        BadInput: there is no such filled form, or its form is damaged here.
        RuleBroken: it is withdrawn, or not all of its form has come yet.
    """
    with seat:
        row = by_id(FilledForm, filled_id)
    if row is None:
        raise BadInput(NONE)
    return in_chinese(lambda: _paper(seat, row, gather(seat, row.inspection or "")))


def _paper(seat: Seat, row: FilledForm, facts: Facts) -> Paper:
    filling = filling_of(seat, row.id)
    brought: BroughtForm = keeping.kept(seat, "form", row.form or "")
    # What was sealed is what was written down, whatever the form would reckon today.
    kept = kept_answers(seat, row.id)
    files = {
        each.id: f"{each.name or each.title or ''}（SHA-256 {facts.hash_of(each)}）{facts.out_words(each)}"
        for each in facts.evidence
    }
    parts = [_Part("")]
    for path, heading in _questions(filling):
        if parts[-1].heading != heading:
            parts.append(_Part(heading))
        words = answer_words(filling, path, kept.get(path) or filling.value(path), files)
        parts[-1].rows.append((_label(filling, path), words or _BLANK))
    grids: list[Block] = []
    count = 0
    for part in parts:
        if part.rows:
            rows = tuple(
                (str(number), question, answer)
                for number, (question, answer) in enumerate(part.rows, count + 1)
            )
            count += len(rows)
            grids.append(Grid(part.heading, ("序号", "题目", "答案"), rows, (8, 46, 46)))
    sealed = bool(facts.qr_text)
    lacking = (
        ()
        if sealed
        else tuple(f"{place_words(filling, path)}：{words}" for path, words in lacking_in(filling).items())
    )
    visit, people = facts.inspection, [each for each in (facts.first, facts.second) if each is not None]
    head = Rows(
        (
            (("表单", brought.form_id or ""), ("版本", brought.form_version or "无")),
            (("监管对象", visit.site_name or ""), ("统一社会信用代码", visit.site_code or "")),
            (("检查开始", moment(visit.began_at)), ("检查结束", moment(visit.ended_at))),
            (
                (
                    "检查人员",
                    "、".join(f"{each.name}（{each.certificate or ''}）" for each in people if each),
                ),
                ("题数", str(count)),
            ),
            (("表单文件 SHA-256", brought.file_sha256 or ""),),
        )
    )
    blocks: list[Block] = [head, *grids]
    if lacking:
        blocks.append(Words("尚缺或不符合表单规则：", lacking))
    blocks.append(Signatures(("检查人员", "检查人员", "当事人")))
    return Paper(
        bureau=facts.bureau,
        title=row.title or brought.title or "",
        number=facts.number,
        demo=facts.demo,
        blocks=tuple(blocks),
        page_signature=PAGE_SIGNATURE,
        seal_note=seal_note(facts),
        promise=promise_of(sealed, facts.taken_out, _CODE),
        qr_text=facts.qr_text,
    )


def _label(filling: Filling, path: str) -> str:
    return " ".join(unstyled(filling.label(path)).split())


def _questions(filling: Filling) -> Iterator[tuple[str, str]]:
    """Each relevant question with the heading that it stands under: its groups, and its rounds by number."""
    root = filling.root
    yield from _within(filling, filling.form.root, root, f"/{root.name}", ())


def _within(
    filling: Filling, field: Field, node: Node, path: str, around: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    for child in field.children:
        for number, each in enumerate(node.children.get(child.name, ()), 1):
            if not each.own_relevant:
                continue
            inner = f"{path}/{child.name}"
            if child.kind == "repeat":
                heading = f"{_label(filling, f'{inner}[{number}]')} {number}"
                yield from _within(filling, child, each, f"{inner}[{number}]", (*around, heading))
            elif child.kind == "group":
                words = (_label(filling, inner),) if child.label else ()
                yield from _within(filling, child, each, inner, (*around, *words))
            elif child.is_question:
                yield inner, " · ".join(around)
