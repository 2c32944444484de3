"""现场情况: what stands in the record, composed from what was noted, in the order in which a visit goes.

A record states what was seen and measured; which law that breaks is for the case. So findings come in the
officers' words, measurements with limit, standard and clause, and nothing is left out that was noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from models.documents.facts import Facts, Item
from models.documents.paper import moment
from models.inspections import rules
from models.inspections.sampling import rules as sampling
from models.inspections.sampling.tables import Sampling
from models.inspections.tables import Evidence, Measurement, Statement
from models.language import translate
from models.law import asking, limit_data, limits


def situation(facts: Facts) -> list[str]:
    """The paragraphs of 现场情况. Call with Chinese in force."""
    paragraphs = _permission(facts)
    paragraphs += [line for line in (facts.inspection.situation or "").split("\n") if line.strip()]
    paragraphs += _answers(facts)
    paragraphs += _problems(facts)
    paragraphs += _remarks(facts)
    paragraphs += [_sampled(*each) for each in facts.samplings]
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


def verdict(one: Measurement) -> str:
    """The judgement in words: 未超过限值, 超标 1.4 倍, 超过限值 3 dB(A), 不作判定."""
    if one.verdict == "over":
        if one.times:
            return f"超标 {one.times} 倍"
        return f"超过限值 {one.excess} dB(A)" if one.excess else "超过限值"
    return {"ok": "未超过限值", "undecidable": "不作判定"}.get(one.verdict or "", "未判定")


def measured_value(one: Measurement) -> str:
    """The value with its unit, as read; for noise with the corrected level that was compared."""
    unit = one.unit_of_value or ("dB(A)" if one.medium == "noise" else "")
    value = f"{one.value or ''} {unit}".strip()
    if (one.value or "").upper() == "ND":
        value = f"未检出（检出限 {one.detection_limit} {unit}）" if one.detection_limit else "未检出"
    if one.medium == "noise" and one.compared and one.compared != one.value:
        value += f"（修正后 {one.compared} dB(A)）"
    return value


def parameter_name(one: Measurement) -> str:
    """The parameter in Chinese, with its usual letters: 化学需氧量（COD）."""
    written = one.parameter or ""
    known = limit_data.parameter_named(written) if written else None
    if known is None or not known.name.isascii() or known.name == "pH":
        return written
    return f"{known.zh}（{known.name}）"


def point_name(one: Measurement) -> str:
    """Where it was measured, for noise with the time of day."""
    period = {"day": "（昼间）", "night": "（夜间）"}.get(one.period or "", "")
    return f"{one.point or ''}{period}"


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
    within = len(measurements) - over - len(undecided)
    counted = ((over, "超过限值"), (within, "未超过限值"), (len(undecided), "不作判定"))
    result = "，".join(f"{count} 项{words}" for count, words in counted if count)
    paragraphs = [f"监测 {len(measurements)} 项，其中 {result}，各项结果见“现场监测结果”表。"]
    paragraphs += [_sentence(condition) for one in measurements if (condition := _conditions(one))]
    for one in undecided:
        reasons = "；".join(sentence.rstrip("。.") for sentence in _reasons(one))
        paragraphs.append(f"{point_name(one)}{parameter_name(one)}不作判定：{reasons or '依据不足'}。")
    return paragraphs


def _reasons(one: Measurement) -> list[str]:
    """Why it was not decided, as statements; none where another version wrote what this one cannot read."""
    try:
        return [asking.statement(reason) for reason in limits.unpack_reasons(one.reasons or "")]
    except (ValueError, TypeError, KeyError):
        return []


def _conditions(one: Measurement) -> str:
    """How it was measured (GB 12348-2008, 5.7 asks for instrument, calibration and weather of each level)."""
    sampled = {"instant": "瞬时样", "composite": "混合样"}.get(one.sampled or "", "")
    parts = [
        sampled,
        f"水温 {one.temperature} ℃" if one.temperature else "",
        f"排气筒高度 {one.stack} m" if one.stack else "",
        f"实测含氧量 {one.oxygen}%" if one.oxygen else "",
        {True: "1 小时平均值", False: "非 1 小时平均值"}.get(one.hourly, "")
        if one.hourly is not None
        else "",
        f"测量仪器 {one.instrument}" if one.instrument else "",
        f"测前校准值 {one.calibration_before} dB(A)" if one.calibration_before else "",
        f"测后校准值 {one.calibration_after} dB(A)" if one.calibration_after else "",
        f"背景值 {one.background} dB(A)" if one.background else "",
        f"风速 {one.wind} m/s" if one.wind else "",
        {True: "有雨雪或雷电", False: "无雨雪、无雷电"}.get(one.rain, "") if one.rain is not None else "",
        f"天气 {one.weather}" if one.weather else "",
        f"主要声源 {one.source_of_noise}" if one.source_of_noise else "",
    ]
    said = "，".join(part for part in parts if part)
    if not said:
        return ""
    when = f"（{moment(one.taken_at)}）" if one.taken_at is not None else ""
    return f"{point_name(one)}{parameter_name(one)}{when}：{said}"


def _sampled(row: Sampling, numbers: tuple[str, ...]) -> str:
    """One sampling (V11: 采样情况记入笔录): when, where, what, how many, and the number of its own record."""
    what = translate(sampling.MATTERS.get(row.matter or "", row.matter or ""))
    done = f"测量{what}" if row.matter == "noise" else f"采集{what}样品 {len(numbers)} 个"
    named = f"（编号 {'、'.join(numbers)}）" if numbers else ""
    where = f"{sampling.symbol_of(row.symbol)}{row.point or ''}"
    return (
        f"采样：{moment(row.began_at)}至{moment(row.ended_at)}在{where}{done}{named}，"
        f"详见采样记录单 {row.number or ''}。"
    )


def _statement(statement: Statement) -> str:
    who = "当事人" if statement.kind == "party" else "证人"
    name = f"（{statement.name}）" if statement.name else ""
    return f"{who}{name}陈述：{_sentence(statement.text or '')}"


def _sentence(text: str) -> str:
    """The text, ended as a sentence."""
    text = text.strip()
    return text if not text or text[-1] in "。！？；.!?;" else text + "。"
