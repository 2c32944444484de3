"""资金月报: the monthly statement of the fund, its three ledgers apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.cases.damage.tables import DamageCase
from models.cases.fund import queries, rules
from models.cases.penalty.tables import PenaltyCase
from models.documents.official import chinese_day, official
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words
from models.language import N_, in_chinese, translate
from models.registry.typed import yuan
from models.rooms import label
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.cases.fund.queries import LedgerMonth, Statement
    from models.cases.fund.tables import FundEntry
    from models.store.seat import Seat

NAMES = {"statement": N_("Monthly statement of the fund")}
_APART = "罚没、赔偿金、自行修复投入三本账分别登记，互不合并、互不抵扣；自行修复投入不是资金，不计入余额。"


def paper(seat: Seat, month: str, name: str) -> Paper:
    """The statement of a month as a value.

    Args:
        month: YYYY-MM.

    Raises:
        RuleBroken: there is no such month.
    """
    found = queries.statement_of(seat, month)
    titles = _titles(seat, found.entries)

    def made() -> Paper:
        own = tuple(row for row in found.entries if row.ledger not in rules.MONEY)
        blocks: list[Block] = [
            Rows(((("月份", _month(found.month)), ("科目", rules.subject())),)),
            *(Words("账目异常", (text,)) for text in queries.alarms(seat)),
        ]
        for ledger in found.ledgers:
            blocks += _ledger(found, ledger, titles)
        blocks += [
            Words(f"三、{label(rules.LEDGERS, 'self_restoration')}（不是资金）", ()),
            Rows(
                (
                    (
                        ("本月投入（元）", yuan(found.self_value)),
                        ("截至月末累计（元）", yuan(found.self_until)),
                    ),
                )
            ),
            _entries("明细", own, titles),
            Words("说明", (_APART, f"依据：{rules.EARMARKED}；{rules.APART}。")),
            Signatures(("制表人", "复核人", "负责人")),
        ]
        title = translate(NAMES[name])
        return official(seat, title, f"ZJ-{found.month}", tuple(blocks), landscape=True)

    return in_chinese(made)


def _ledger(found: Statement, ledger: LedgerMonth, titles: dict[str, str]) -> tuple[Block, ...]:
    place = "一二"[rules.MONEY.index(ledger.ledger)]
    rows = [("月初余额", "", yuan(ledger.opening))]
    rows += [
        ("收入", label(rules.SOURCES, key), yuan(ledger.ins[key]))
        for key, _words in rules.SOURCES
        if key in ledger.ins
    ]
    rows += [("支出", label(rules.USES, key), yuan(-cents)) for key, cents in sorted(ledger.outs.items())]
    rows.append(("月末余额", "", yuan(ledger.closing)))
    own = tuple(row for row in found.entries if row.ledger == ledger.ledger)
    return (
        Grid(
            f"{place}、{label(rules.LEDGERS, ledger.ledger)}",
            ("项目", "来源、用途", "金额（元）"),
            tuple(rows),
            (20, 50, 30),
        ),
        _entries("明细", own, titles),
    )


def _entries(heading: str, rows: tuple[FundEntry, ...], titles: dict[str, str]) -> Grid:
    cells = tuple(
        (
            chinese_day(row.on),
            _what_for(row),
            yuan(-(row.cents or 0) if row.direction == "out" else row.cents or 0),
            titles.get(row.case or "", ""),
            row.party or "",
            row.voucher or "",
            "；".join(
                each
                for each in (f"{chinese_day(row.remitted_on)}上缴" if row.remitted_on else "", row.note)
                if each
            ),
        )
        for row in rows
    )
    heads = ("日期", "来源、用途", "金额（元）", "案件", "缴款（收款）人", "票据（凭证）号", "备注")
    return Grid(heading, heads, cells, (14, 15, 13, 22, 14, 12, 10))


def _what_for(row: FundEntry) -> str:
    if row.ledger not in rules.MONEY:
        return label(rules.LEDGERS, row.ledger)
    return label(rules.USES, row.purpose) if row.direction == "out" else label(rules.SOURCES, row.source)


def _titles(seat: Seat, rows: tuple[FundEntry, ...]) -> dict[str, str]:
    """Number and title of the cases that money came from or went to, where they are here."""
    found: dict[str, str] = {}
    with seat:
        for case_id in {row.case for row in rows if row.case}:
            case = by_id(DamageCase, case_id) or by_id(PenaltyCase, case_id)
            if case is not None:
                found[case_id] = " ".join(each for each in (case.number, case.title) if each)
    return found


def _month(month: str) -> str:
    year, _dash, number = month.partition("-")
    return f"{year}年{int(number)}月"
