"""现场情况: what stands in the record, composed from what was noted, in the order in which a visit goes.

A record states what was seen and measured; which law that breaks is for the case. So findings come in the
officers' words, measurements with limit, standard and clause, and nothing is left out that was noted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from models.documents.facts import Facts, Item
from models.inspections import rules
from models.inspections.tables import Evidence, Measurement, Statement
from models.language import translate


def situation(facts: Facts) -> list[str]:
    """The paragraphs of 现场情况. Call with Chinese in force."""
    paragraphs = _permission(facts)
    paragraphs += [line for line in (facts.inspection.situation or "").split("\n") if line.strip()]
    paragraphs += _answers(facts)
    paragraphs += _problems(facts)
    paragraphs += _remarks(facts)
    paragraphs += _measured(facts.measurements)
    paragraphs += [_statement(statement) for statement in facts.statements if statement.text]
    return paragraphs


def evidence_sentence(evidence: Iterable[Evidence]) -> str:
    """How much evidence of which kinds was taken; empty for none."""
    kinds = Counter(rules.EVIDENCE_KINDS.get(one.kind or "", one.kind or "") for one in evidence)
    if not kinds:
        return ""
    parts = "、".join(f"{translate(kind)} {count} 件" for kind, count in kinds.items())
    return f"现场取得证据共 {sum(kinds.values())} 件（{parts}），详见《证据清单》。"


def verdict(measurement: Measurement) -> str:
    """The judgement in words: 未超过限值, 超标 1.4 倍, 超过限值 or 不作判定."""
    if measurement.verdict == "over":
        return f"超标 {measurement.times} 倍" if measurement.times else "超过限值"
    return {"ok": "未超过限值", "undecidable": "不作判定"}.get(measurement.verdict or "", "未判定")


def measured_value(measurement: Measurement) -> str:
    """The value with its unit, as read; 未检出 with its detection limit."""
    unit = measurement.unit_of_value or ""
    if measurement.value == "ND":
        limit = measurement.detection_limit
        return f"未检出（检出限 {limit} {unit}）" if limit else "未检出"
    return f"{measurement.value or ''} {unit}".strip()


def _permission(facts: Facts) -> list[str]:
    """The numbers of approval and notice (国办发〔2024〕54号 asks for both before a visit)."""
    row = facts.inspection
    parts = [
        f"{label}编号：{number}"
        for label, number in (("检查审批", row.approval_number), ("检查通知书", row.notice_number))
        if number
    ]
    return ["，".join(parts) + "。"] if parts else []


def _answers(facts: Facts) -> list[str]:
    sentences = []
    for section in facts.sections:
        counts = Counter(item.result for item in section.items)
        answered = [
            f"{translate(name)} {counts[result]} 项"
            for result, name in rules.RESULTS.items()
            if counts[result]
        ]
        if answered:
            open_count = counts[None]
            left = f"，未检查 {open_count} 项" if open_count else ""
            sentences.append(f"“{section.title}”共 {len(section.items)} 项：{'，'.join(answered)}{left}。")
    return sentences


def _problems(facts: Facts) -> list[str]:
    lines = [
        _problem(item)
        for section in facts.sections
        for item in section.items
        if item.result == "problem" or item.findings
    ]
    lines += [_sentence(text) for text in facts.findings]
    if not lines:
        return []
    return ["检查发现以下问题：", *(f"{count}. {line}" for count, line in enumerate(lines, 1))]


def _problem(item: Item) -> str:
    said = [*item.findings, *([item.note] if item.note else [])]
    return f"{item.title}（{item.code}）：" + ("".join(_sentence(text) for text in said) or "发现问题。")


def _remarks(facts: Facts) -> list[str]:
    return [
        f"{item.title}（{item.code}）：{_sentence(item.note)}"
        for section in facts.sections
        for item in section.items
        if item.note and item.result != "problem" and not item.findings
    ]


def _measured(measurements: tuple[Measurement, ...]) -> list[str]:
    if not measurements:
        return []
    over = sum(one.verdict == "over" for one in measurements)
    undecided = [one for one in measurements if one.verdict == "undecidable"]
    result = f"其中 {over} 项超过限值" if over else "未发现超过限值的项目"
    paragraphs = [f"现场监测 {len(measurements)} 项，{result}，各项结果见“现场监测结果”表。"]
    for one in undecided:
        reasons = "；".join(_reasons(one)) or "依据不足"
        paragraphs.append(f"{one.point or ''}{one.parameter or ''}不作判定：{reasons}。")
    return paragraphs


def _reasons(measurement: Measurement) -> list[str]:
    try:
        found = json.loads(measurement.reasons or "[]")
    except ValueError:
        return []
    return [str(reason).rstrip("。.") for reason in found] if isinstance(found, list) else []


def _statement(statement: Statement) -> str:
    who = "当事人" if statement.kind == "party" else "证人"
    name = f"（{statement.name}）" if statement.name else ""
    return f"{who}{name}陈述：{_sentence(statement.text or '')}"


def _sentence(text: str) -> str:
    """The text, ended as a sentence."""
    text = text.strip()
    return text if not text or text[-1] in "。！？；.!?;" else text + "。"
