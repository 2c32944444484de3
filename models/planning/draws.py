"""What a person does with a draw by lot: freeze its list, draw with a seed, annul, publish, give it out."""

from __future__ import annotations

import csv
import io
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, RuleBroken
from models.inspections import canonical
from models.language import N_, in_chinese
from models.law.due import day_or_none
from models.planning import assignments, drawing, queries, rules
from models.planning.pools import frozen_list
from models.planning.tables import SpotDraw
from models.registry import files, keeping
from models.registry.days import today
from models.registry.numbers import free_number
from models.registry.rules import guarded_cell, tidy_line
from models.registry.sealing import frame, seal_of, seal_record, tidied
from models.registry.typed import read_day
from models.rooms import label
from models.store.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.store.seat import Place, Seat

SCHEMA = "qingcha-spot-draw-1"
EXPORT_SCHEMA = "qingcha-draw-export-1"
NUMBER = "SJ-"
LIST_BYTES = 200_000
"""A list must fit one entry of the journal, and what is published holds it again."""
_SHOWN = ("number", "category", "period", "list_hash", "algorithm", "seed", "seed_source", "seed_on")


def prepare(
    seat: Seat,
    *,
    category: str,
    period: str,
    items: str,
    unit: str | None = None,
    count: int | None = None,
    mixed: bool | None = None,
    sites_out: str | None = None,
    officers_out: str | None = None,
    withdrawals: str | None = None,
    reason: str | None = None,
) -> str:
    """Freeze the list of a draw as of today: what, which sites, which officers, who is left out and why.

    Its hash is in the journal, signed, before any seed is known.

    Args:
        category: one of `rules.CATEGORIES`.
        period: "2026Q4", or "2026".
        items: codes of checklists, "A,W".
        unit: whose draw it is; the notebook's own unless given.
        count: how many sites; unless given what the plan of the period still asks for.
        mixed: whether the two officers come from different units; then those of all units are on the list.
        sites_out: sites to leave out, "name or code: reason", one a line.
        officers_out: officers to leave out, likewise.
        withdrawals: "officer: site: reason", one a line: who must not go there.
        reason: why there is another draw, demanded after one that was annulled.

    Returns:
        The record id of the draw.

    Raises:
        RuleBroken: a value is not possible (its field is named), an open draw of the same plan waits, nothing
            is left to draw, a site has no two officers, or the person may not.
    """
    keeping.allow(seat, "spot_draw")
    period, unit = rules.read_period(period), unit or seat.unit
    items = assignments.known_checklists(items)
    on = today(seat)
    if category not in dict(rules.CATEGORIES):
        raise RuleBroken(N_("Choose what is drawn from."), field="category")
    if not rules.covers(period, on):
        raise RuleBroken(
            N_("Today is not in {period}: a draw is made in its own period."), field="period", period=period
        )
    if category in ("key", "special") and "Q" not in period:
        raise RuleBroken(N_("Key sites and special sources are drawn by the quarter."), field="period")
    with seat.writing():
        _refuse_second(seat, unit, category, period, reason)
        made = frozen_list(
            seat,
            unit=unit,
            category=category,
            period=period,
            items=items,
            count=count,
            mixed=bool(mixed),
            sites_out=sites_out,
            officers_out=officers_out,
            withdrawals=withdrawals,
        )
        text = made.list.text
        if len(text.encode()) > LIST_BYTES:
            raise RuleBroken(
                N_("The list has {count} sites and is too long to keep. Draw one class after the other."),
                field="category",
                count=len(made.list.sites),
            )
        values = keeping.tidy(
            "spot_draw",
            {
                "number": free_number(seat, SpotDraw, unit, NUMBER),
                "category": category,
                "period": period,
                "items": items,
                "wanted": made.list.wanted,
                "least": made.least,
                "least_basis": made.basis,
                "list_hash": drawing.list_hash(text),
                "frozen_on": on.isoformat(),
                "frozen_by": seat.person,
                "reason": reason,
                "algorithm": drawing.ALGORITHM,
            },
        )
        return keeping.make(seat, "spot_draw", unit, {**values, "listed": text})


def _refuse_second(seat: Seat, unit: str, category: str, period: str, reason: str | None) -> None:
    """One list at a time, and no new draw in silence after one that did not please."""
    before = queries.draws_of(seat, unit, category, period)
    for row, state in before:
        if state == "frozen":
            raise RuleBroken(
                N_("The list of {number} is frozen and not drawn yet. Draw it, or annul it with the reason."),
                field="period",
                number=row.number,
            )
    annulled = [row.number for row, state in before if state == "annulled"]
    if annulled and not (reason or "").strip():
        raise RuleBroken(
            N_("{number} of the same plan was annulled. Say why there is another draw."),
            field="reason",
            number=annulled[-1],
        )


def draw(
    seat: Seat,
    draw_id: str,
    *,
    seed: str | None = None,
    seed_source: str | None = None,
    seed_on: str | None = None,
    witness: str | None = None,
    host: str | None = None,
) -> None:
    """Draw from the frozen list and seal what came of it, in one step.

    Args:
        seed: words that nobody could know when the list was frozen, such as a lottery's numbers; made at
            random by the program unless given.
        seed_source: where it was published; demanded with a seed.
        seed_on: day of its publication, that of the frozen list or later; today unless given.
        witness: who watched.
        host: address of the server that the seal's QR code leads to.

    Raises:
        RuleBroken: it was drawn or annulled already, the list is not what was frozen, the seed has no source
            or is older than the list, or the person may not.
    """
    keeping.allow(seat, "spot_draw")
    given = tidy_line(seed or "").strip()
    with seat.writing():
        row = keeping.standing(seat, "spot_draw", draw_id)
        _refuse_not(seat, row, "frozen")
        text = whole_list(row)
        if given:
            keeping.need_text(seed_source, "seed_source")
            seed_on = read_day(seed_on, "seed_on") if seed_on else today(seat).isoformat()
            if not str(row.frozen_on) <= seed_on <= today(seat).isoformat():
                raise RuleBroken(
                    N_("The seed must be published after the list was frozen, {day}, and not after today."),
                    field="seed_on",
                    day=row.frozen_on,
                )
        else:
            seed_source = seed_on = None
        used = given or secrets.token_hex(16)
        drawn = _drawn(text, used)
        values = keeping.tidy(
            "spot_draw",
            {
                "seed": used,
                "seed_source": seed_source,
                "seed_on": seed_on,
                "drawn_on": today(seat).isoformat(),
                "drawn_by": seat.person,
                "witness": witness,
            },
        )
        values["result"] = drawing.write_result(drawn)
        keeping.change(seat, row, "spot_draw", values)
        _seal(seat, draw_id, host)


def _drawn(text: str, seed: str) -> tuple[drawing.Drawn, ...]:
    try:
        return drawing.draw(text, seed)
    except BadInput as error:
        raise RuleBroken(error.msgid, field="listed", **error.params) from error


def _seal(seat: Seat, draw_id: str, host: str | None) -> None:
    row = keeping.kept(seat, "spot_draw", draw_id)
    stated = {
        name: value
        for name in SpotDraw._meta.fields
        if name not in Record._meta.fields and (value := getattr(row, name)) is not None
    }

    def content(place: Place, moment: int) -> bytes:
        stands = {**frame(seat, SCHEMA, draw_id, row.number, place, moment), "unit": row.unit}
        # not tidied: the list's exact text, to its last line feed, is what the hash is of
        return canonical.encode(
            {**tidied(stands), "draw": stated, "demo": bool(seat.demo), "supersedes": None}
        )

    seal_record(seat, "spot_draw", draw_id, row.unit, row.number, None, [draw_id], 0, content, host)


def whole_list(row: SpotDraw) -> str:
    """The frozen list's text, as its hash says it is.

    Raises:
        RuleBroken: it was changed since.
    """
    text = row.listed or ""
    if row.conflicts:  # both seals stand: nobody may choose the result that suits
        raise RuleBroken(
            N_("{number} was drawn or changed on two laptops at once. Annul it with the reason."),
            field="listed",
            number=row.number,
        )
    if drawing.list_hash(text) != row.list_hash:
        raise RuleBroken(
            N_("The list of {number} is not the one that was frozen: its hash differs. Annul this draw."),
            field="listed",
            number=row.number,
        )
    return text


def why_changed(row: SpotDraw) -> RuleBroken | None:
    """What is not as it was frozen and drawn: the list by its hash, the result by drawing again; or None."""
    try:
        text = whole_list(row)
        if row.result and drawing.write_result(_drawn(text, row.seed or "")) != row.result:
            raise RuleBroken(N_("Drawing again gives another result."), field="result")
    except RuleBroken as error:
        return error
    return None


def _refuse_not(seat: Seat, row: SpotDraw, *wanted: str) -> None:
    state = queries.draw_state(row, queries.notices_of(seat, [row.id])[row.id])
    if state not in wanted:
        raise RuleBroken(
            N_("{number}: {state}. This cannot be done now."),
            field="draw",
            number=row.number,
            state=label(rules.DRAW_STATES, state),
        )


def refuse_not(seat: Seat, draw_id: str, *wanted: str) -> None:
    """Refuse a draw that is in none of these states.

    Raises:
        RuleBroken: with its state.
    """
    _refuse_not(seat, keeping.kept(seat, "spot_draw", draw_id), *wanted)


def annul(seat: Seat, draw_id: str, *, why: str) -> str:
    """Annul a draw with the reason, for all to read; it stays, and the next one must say why it is made.

    Returns:
        The record id of the notice.

    Raises:
        RuleBroken: no reason, it is annulled or published, assignments of it stand, or the person may not.
    """
    keeping.allow(seat, "draw_notice")
    why = keeping.need_text(why, "why")
    with seat.writing():
        row = keeping.standing(seat, "spot_draw", draw_id)
        _refuse_not(seat, row, "frozen", "drawn")
        standing = [each for each in queries.assignments_from(seat, draw_id) if each.voided is None]
        if standing:
            raise RuleBroken(
                N_("Assignments of this draw that stand: {count}. Recall them first."),
                field="why",
                count=len(standing),
            )
        values = {"draw": draw_id, "number": row.number, "kind": "annulled", "reason": why}
        values |= {"category": row.category, "period": row.period, "list_hash": row.list_hash}
        values |= {"on": today(seat).isoformat(), "by": seat.person}
        return keeping.make(seat, "draw_notice", row.unit, keeping.tidy("draw_notice", values))


def publish(seat: Seat, draw_id: str, *, early: str | None = None) -> str:
    """Let all of the unit read list, seed and result, after the inspections were made.

    Args:
        early: why it is published before all of them were begun; demanded then.

    Returns:
        The record id of the notice.

    Raises:
        RuleBroken: it is not drawn, not all was inspected and no reason is given, or the person may not.
    """
    keeping.allow(seat, "draw_notice")
    with seat.writing():
        row = keeping.standing(seat, "spot_draw", draw_id)
        _refuse_not(seat, row, "drawn")
        text, left = whole_list(row), not_made(seat, row)
        if left and not (early or "").strip():
            raise RuleBroken(
                N_("Sites of this draw that are not inspected yet: {count}; the list is secret until then."),
                field="early",
                basis="双随机抽查方案（广东 2016）",
                count=left,
            )
        seal = seal_of(seat, draw_id)
        values = {name: getattr(row, name) for name in (*_SHOWN, "frozen_on", "drawn_on")}
        values |= {"draw": draw_id, "kind": "published", "reason": early if left else None}
        values |= {"on": today(seat).isoformat(), "by": seat.person}
        values |= {"seal": seal.qr_text if seal is not None else None}
        kept = keeping.tidy("draw_notice", values)
        return keeping.make(seat, "draw_notice", row.unit, {**kept, "listed": text, "result": row.result})


def not_made(seat: Seat, row: SpotDraw) -> int:
    """How many drawn sites have no inspection that was begun."""
    given = queries.assignments_from(seat, row.id)
    found = queries.stands(seat, [each.id for each in given])
    made = {each.row.site for each in found.values() if each.state in ("begun", "done")}
    return sum(each.site not in made for each in drawing.read_result(row.result))


def issue(
    seat: Seat,
    draw_id: str,
    *,
    due: str,
    purpose: str,
    approval_number: str,
    notice_number: str | None = None,
    count: int | None = None,
    only: str | None = None,
) -> None:
    """Give drawn sites to their officers, in the order of the draw: one assignment each.

    Args:
        due: the day by which, YYYY-MM-DD.
        notice_number: that of the first; its last digits count on for the others.
        count: how many of those not given out yet; all unless given, so that the rest stays secret.
        only: record id of the one site to give out, where one before it has to wait.

    Raises:
        RuleBroken: it is not drawn, all are given out, a value is not possible, or the person may not.
    """
    keeping.allow(seat, "assignment")
    with seat.writing():
        row = keeping.standing(seat, "spot_draw", draw_id)
        _refuse_not(seat, row, "drawn")
        whole_list(row)
        given = {each.site for each in queries.assignments_from(seat, draw_id) if each.voided is None}
        left = [each for each in drawing.read_result(row.result) if each.site not in given]
        if not left:
            raise RuleBroken(N_("All sites of this draw were given out."), field="count")
        if only is not None:
            left = [each for each in left if each.site == only]
            if not left:
                raise RuleBroken(N_("This site is not among those that are left of the draw."), field="only")
        if count is not None and not 1 <= count <= len(left):
            raise RuleBroken(N_("Give out between 1 and {count} sites."), field="count", count=len(left))
        for at, each in enumerate(left[:count]):
            assignments.assign(
                seat,
                site_id=each.site,
                first_officer=each.first,
                second_officer=each.second,
                origin="draw",
                origin_kind="spot_draw",
                origin_id=draw_id,
                due=due,
                purpose=purpose,
                approval_number=approval_number,
                notice_number=rules.number_after(notice_number, at) if notice_number else None,
                checklists=row.items or "A",
            )


# -- giving it out -----------------------------------------------------------------------------------------


def export(seat: Seat, record_id: str, *, path: str) -> None:
    """Write a drawn list into a file: .json to repeat it, .csv to read it, .txt the exact frozen list.

    Args:
        record_id: of a draw, or of the notice that published it.

    Raises:
        RuleBroken: it is not drawn, the file cannot be written, or its name has another ending.
    """
    row = keeping.row_of(seat, "draw_notice", record_id) or keeping.kept(seat, "spot_draw", record_id)
    if not row.result:
        raise RuleBroken(N_("There is no result yet."), field="path")
    target = Path(path).expanduser()
    if target.is_dir():
        target /= f"{row.number}.json"
    makers: dict[str, Callable[[Seat, Any], bytes]] = {".json": _json, ".csv": _csv, ".txt": _txt}
    make = makers.get(target.suffix.lower())
    if make is None:
        raise RuleBroken(N_("Name a file that ends in .json, .csv or .txt."), field="path")
    try:
        files.put_out(seat, target, make(seat, row))
    except BadInput as error:
        raise RuleBroken(error.msgid, field="path", **error.params) from error


def drawn_rows(row: Any) -> list[tuple[str, drawing.Person, drawing.Person, str]]:
    """Name of each drawn site, its two officers as the list has them, and the site's id, in order."""
    try:
        found = drawing.read(row.listed or "")
    except BadInput:
        return []
    return [
        (found.sites[each.site], found.officers[each.first], found.officers[each.second], each.site)
        for each in drawing.read_result(row.result)
        if each.site in found.sites and {each.first, each.second} <= found.officers.keys()
    ]


def _json(seat: Seat, row: Any) -> bytes:
    seal = getattr(row, "seal", None)
    if seal is None:
        sealed = seal_of(seat, row.id)
        seal = sealed.qr_text if sealed is not None else None
    told = {
        "schema": EXPORT_SCHEMA,
        **{name: getattr(row, name) for name in (*_SHOWN, "frozen_on", "drawn_on")},
        "list": row.listed,
        "drawn": [
            {
                "site": site,
                "name": name,
                "officers": [first.id, second.id],
                "names": [first.name, second.name],
            }
            for name, first, second, site in drawn_rows(row)
        ],
        "seal": seal,
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def _txt(_seat: Seat, row: Any) -> bytes:
    return str(row.listed or "").encode()


def _csv(_seat: Seat, row: Any) -> bytes:
    def made() -> str:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["序号", "检查对象", "执法人员", "执法证号", "执法人员", "执法证号"])
        for at, (name, first, second, _site) in enumerate(drawn_rows(row), 1):
            cells = (name, first.name, first.certificate, second.name, second.certificate)
            writer.writerow([at, *map(guarded_cell, cells)])
        return text.getvalue()

    return ("\ufeff" + in_chinese(made)).encode()


def last_day_of(row: SpotDraw) -> str:
    """The last day of a draw's period, for the form that gives it out."""
    year, _q, quarter = (row.period or "").partition("Q")
    month = int(quarter) * 3 if quarter.isdigit() else 12
    day = day_or_none(f"{year}-{month:02d}-{30 if month in (6, 9) else 31}")
    return day.isoformat() if day is not None else ""
