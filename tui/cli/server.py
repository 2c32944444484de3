"""Commands on the server, on its own machine."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.language import N_, _, listed
from tui.cli.deciding import codes_of
from tui.cli.telling import DONE, FINDINGS, not_whole, say, show_code, tell


def serve(given: argparse.Namespace) -> int:
    from sync.server.serve import serve

    serve(
        given.folder or _server_folder(),
        host=given.host,
        port=given.port,
        certfile=given.cert,
        keyfile=given.key,
        plain_http=given.plain_http,
        metrics=given.metrics,
    )
    return DONE


def _server_folder() -> Path:
    """The server of this machine; made on first use, so that `qingcha serve` starts by itself."""
    from models.store.home import home_folder
    from sync.server import admin

    folder = home_folder() / "server"
    if not (folder / "central.db").exists():
        made = admin.init(folder, organisation=_("Environmental bureau"), host="localhost")
        _recovery(made)
    return folder


def _recovery(made: Any) -> None:
    if made.shares:
        say(_shares_told(made.shares))
        return
    say(
        _(
            "Recovery key of the agency, shown once and kept nowhere here. "
            "Print it and lock it away:\n{secret}"
        ).format(secret=made.recovery_secret)
    )


def admin_init(given: argparse.Namespace) -> int:
    from sync.server import admin
    from sync.server.storage import SILENT, is_silent, storage_of

    made = admin.init(
        given.folder,
        organisation=given.organisation,
        host=given.host,
        database=given.database,
        files=given.files,
        shares=given.shares,
    )
    if not given.json:
        _recovery(made)
    if is_silent(storage_of(given.folder, given.files)):
        say(_(SILENT).format(files=given.files))
    facts = {
        "server": made.server,
        "recovery": made.recovery_public,
        "recovery_secret": made.recovery_secret,
        "shares": made.shares,
    }
    tell(given, facts, _("The server {server} is ready."), server=made.server)
    return DONE


def admin_shares(given: argparse.Namespace) -> int:
    """`qingcha admin shares KEYFILE 3/5`: a recovery key of before, split."""
    from models.store.shares import Plan, split
    from tui.cli.notebook import key_in

    plan = Plan.of(given.plan)
    shares = split(key_in([given.key]), plan)
    tell(given, {"shares": shares, "needed": plan.needed}, _shares_told(shares))
    say(_("Each opens nothing alone. Delete the file with the key, and destroy the sheets that bear it."))
    return DONE


def _shares_told(shares: Sequence[str]) -> str:
    """A block for each share, to be copied onto a card of its own."""
    head = _(
        "The agency's recovery key in shares ({count}), shown once and kept nowhere. Each goes onto a card "
        "of its own, to a person of its own; `qingcha recover` joins them:"
    )
    blocks = [f"{place}/{len(shares)}\n{textwrap.fill(text, 76)}" for place, text in enumerate(shares, 1)]
    return "\n\n".join([head.format(count=len(shares)), *blocks])


def admin_officer(given: argparse.Namespace) -> int:
    from sync.server import admin

    officer = admin.add_officer(
        given.folder,
        given.name,
        units=given.units,
        role=given.role,
        certificate=given.certificate,
        unit_code=given.unit,
    )
    tell(given, {"officer": officer}, _("{name} is entered: {officer}"), name=given.name, officer=officer)
    return DONE


def admin_import(given: argparse.Namespace) -> int:
    from sync.server import admin

    report = admin.import_sites(given.folder, given.file, only_good_rows=given.good_rows)
    for one in report.errors:
        say(_("Row {row}, {column}: {message}").format(row=one.row, column=one.column, message=one.message))
    facts = {"rows": report.rows, "written": report.written, "errors": [one.message for one in report.errors]}
    tell(given, facts, _("Sites entered: {written} of {rows}."), written=report.written, rows=report.rows)
    return FINDINGS if report.errors else DONE


def admin_code(given: argparse.Namespace) -> int:
    from sync.server import admin

    made = admin.code(given.folder, given.officer)
    facts = {"code": made.code, "qr": made.qr, "officer": made.officer}
    tell(given, facts, f"{made.code}\n{made.qr}")
    show_code(given, made.qr)
    return DONE


def admin_grant(given: argparse.Namespace) -> int:
    from models.registry.units import city, label_of, unit_named
    from sync.server import admin

    admin.grant(given.folder, given.officer, given.units, reading=given.read_only, by=given.by, why=given.why)

    def named(units: list[str]) -> str:
        return listed(label_of(unit.code) for unit in map(unit_named, units) if unit is not None) or "-"

    units, reading = given.units, given.read_only
    text = _("{name} from now on: reads and writes {units}; reads only {reading}.")
    facts = {"units": units, "read_only": reading}
    tell(given, facts, text, name=given.officer, units=named(units), reading=named(reading))
    if city() not in map(unit_named, [*units, *reading]):
        say(
            _(
                "{city} is not among them: experts, bulletins and rankings no longer come. Where that "
                "is not meant, grant again with --read-only {code}."
            ).format(city=city().label, code=city().code)
        )
    return DONE


def admin_revoke(given: argparse.Namespace) -> int:
    from sync.server import admin

    admin.revoke(
        given.folder,
        given.device,
        by=given.by,
        second=given.second,
        codes=codes_of(given),
        why=given.why,
    )
    tell(given, {"device": given.device}, _("Revoked."))
    return DONE


def admin_factor(given: argparse.Namespace) -> int:
    """`qingcha admin factor FOLDER NAME`: a secret for the codes of a phone's app, shown once."""
    from sync.server import admin

    if given.off:
        had = admin.no_factor(given.folder, given.officer)
        words = _("{name} is asked for no code any more.") if had else _("{name} had no second factor.")
        tell(given, {"officer": given.officer, "factor": False, "had": had}, words, name=given.officer)
        return DONE
    made = admin.factor(given.folder, given.officer)
    facts = {"officer": made.officer, "factor": True, "secret": made.secret, "uri": made.uri}
    words = _("Scan this with the app for one-time codes on the phone of {name}, or type in: {secret}")
    then = _(
        "It is shown once and kept nowhere in words; whoever sees it has the codes too. From now on their "
        "laptops send as before, and receive once a code was shown: qingcha sync --code 123456"
    )
    grouped = " ".join(made.secret[place : place + 4] for place in range(0, len(made.secret), 4))
    say(then)
    tell(given, facts, words, name=given.officer, secret=grouped)
    show_code(given, made.uri)
    return DONE


def _marks_of(device: dict[str, Any]) -> str:
    marks = [_("revoked")] if device["revoked_at"] else []
    if device["revoked_by"]:
        marks = [_("revoked by {names}").format(names=listed(device["revoked_by"]))]
    if device["why"] not in ("", "fork"):
        marks.append(device["why"])
    if device["follows"]:
        marks.append(_("goes on where {device} was copied").format(device=device["follows"]))
    return listed(marks)


_SAID = ("unit", "forbidden", "revoked")
"""Verdicts that unit, person and kind of record explain; the detail is for programs (`--json`)."""


def admin_quarantine(given: argparse.Namespace) -> int:
    """`qingcha admin quarantine FOLDER`: device, number, person, record and reason of each entry."""
    from models.registry.units import label_of
    from sync.outcome import reason
    from sync.server import admin
    from tui.kinds import kind_label

    found = admin.aside(given.folder)
    lines = []
    for each in found:
        why = reason(each.reason)
        if each.detail and each.reason not in _SAID:
            why = _("{reason}: {detail}").format(reason=why, detail=each.detail)
        what = f"{label_of(each.unit)} {kind_label(each.kind)} {each.record}"
        lines.append(f"{each.device} {each.seq}  {each.officer}  {what}  {why}")
    tell(given, [asdict(each) for each in found], "\n".join(lines) or _("None found."))
    return DONE


def admin_release(given: argparse.Namespace) -> int:
    """`qingcha admin release FOLDER DEVICE NUMBER… --by OFFICER --why REASON`."""
    from sync.server import admin

    admin.release(given.folder, given.device, *given.numbers, by=given.by, why=given.why)
    tell(given, {"released": given.numbers}, _("Released: every notebook obeys it from its next sync on."))
    return DONE


def admin_reject(given: argparse.Namespace) -> int:
    """`qingcha admin reject FOLDER DEVICE NUMBER… --by OFFICER --why REASON`."""
    from sync.server import admin

    admin.reject(given.folder, given.device, *given.numbers, by=given.by, why=given.why)
    tell(given, {"rejected": given.numbers}, _("Rejected; the entries are kept, and the reason with them."))
    return DONE


def admin_devices(given: argparse.Namespace) -> int:
    from models.registry.days import day_of
    from sync.server import admin

    found = admin.devices(given.folder)
    lines = []
    for row in found:
        seen = day_of(row["seen_at"]) if row["seen_at"] else "-"
        line = _("{device}  {officer}  last seen {day}  {marks}")
        lines.append(
            line.format(device=row["device"], officer=row["officer"], day=seen, marks=_marks_of(row)).rstrip()
        )
    tell(given, found, "\n".join(lines) or _("None found."))
    return DONE


def admin_people(given: argparse.Namespace) -> int:
    """`qingcha admin people FOLDER`: who has an account, with which role, units and devices."""
    from models.registry.units import label_of, role
    from sync.server import admin

    found = admin.accounts(given.folder)
    lines = []
    for row in found:
        known = role(row["role"])
        lines.append(
            _(
                "{name}  {certificate}  {role}: reads and writes {units}; reads only {reading}; devices: "
                "{count}"
            ).format(
                name=row["name"],
                certificate=row["certificate"] or "-",
                role=known.label if known is not None else row["role"],
                units=listed(f"{label_of(unit)} {unit}" for unit in row["units"]) or "-",
                reading=listed(f"{label_of(unit)} {unit}" for unit in row["read_only"]) or "-",
                count=row["devices"],
            )
            + ("  " + _("has a second factor") if row["factor"] else "")
        )
    tell(given, found, "\n".join(lines) or _("None found."))
    return DONE


def admin_durable(given: argparse.Namespace) -> int:
    """`qingcha admin durable FOLDER BACKUP`: the operator's word that a backup is kept elsewhere."""
    from sync.server.durable import declare, withdraw

    if given.backup is None:
        tell(given, asdict(withdraw(given.folder)), _("No backup counts as kept elsewhere any more."))
        return DONE
    noted = declare(given.folder, given.backup)
    lines = [
        _("Kept elsewhere from now on: entries {entries}, files {files}.").format(
            entries=noted.entries, files=noted.files
        )
    ]
    lines += [_("Not whole in the backup: {file}").format(file=each) for each in noted.missing]
    tell(given, asdict(noted), "\n".join(lines))
    return FINDINGS if noted.missing else DONE


def admin_stamp(given: argparse.Namespace) -> int:
    """`qingcha admin stamp FOLDER`: an outside time-stamp over the log's newest head, now."""
    from contextlib import closing
    from dataclasses import replace

    from sync.server.central import Central
    from sync.server.settings import Settings
    from sync.server.stamping import stamp

    with closing(Central.open(given.folder)) as central:
        if given.tsa is not None or given.root is not None:
            before = Settings.read(given.folder)
            root = str(given.root.resolve()) if given.root is not None else before.tsa_root
            tsa = given.tsa if given.tsa is not None else before.tsa
            replace(before, tsa=tsa, tsa_root=root).checked().write(given.folder)
        stamped = stamp(central)
    tell(
        given,
        asdict(stamped),
        _("Time-stamped up to entry {size}: {time}, by {authority}."),
        **asdict(stamped),
    )
    return DONE


def admin_doctor(given: argparse.Namespace) -> int:
    """`qingcha admin doctor FOLDER`: everything that the server lives by, looked at."""
    from sync.server.doctor import TITLES, examine

    checks = examine(given.folder, hash_files=given.files)
    lines = []
    for check in checks:
        lines.append(f"{'✗' if check.problems else '✓'} {_(TITLES[check.name])}")
        lines += [f"    {each}" for each in (*check.problems, *check.notes)]
    facts = [
        {"check": each.name, "ok": not each.problems, "problems": each.problems, "notes": each.notes}
        for each in checks
    ]
    tell(given, facts, "\n".join(lines))
    return FINDINGS if any(check.problems for check in checks) else DONE


def admin_restored(given: argparse.Namespace) -> int:
    """`qingcha admin restored FOLDER`: the notebooks give back what came after the backup."""
    from models.errors import StoreRefused
    from sync.server.backup import restored
    from sync.server.healed import RETURNING
    from sync.server.resending import resend
    from sync.server.settings import Settings

    epoch = restored(given.folder, database=given.database, files=given.files)
    then = _("The server may be started. At its next sync each notebook gives back what it holds.")
    gone: tuple[str, ...] = ()
    if Settings.read(given.folder).files:  # restored apart, to another moment
        try:
            gone = resend(given.folder)
        except StoreRefused as error:
            say(error.text())
            say(_("Once it does, look for files that are gone: qingcha admin resend FOLDER"))
    lines = [then, _(RETURNING), *([_(_GONE).format(count=len(gone))] if gone else [])]
    tell(given, {"epoch": epoch, "note": _(RETURNING), "gone": gone}, "\n".join(lines))
    return DONE


_GONE = N_(
    "Files that are gone from the storage: {count}. Laptops that hold them send them again at their next "
    "sync; what none holds comes from a backup of the storage."
)


def admin_grow(given: argparse.Namespace) -> int:
    """`qingcha admin grow FOLDER --database ADDRESS --files BUCKET`: out of the folder, as it has grown."""
    from sync.server.growing import grow

    grown = grow(given.folder, database=given.database, files=given.files)
    lines = [
        _("Carried over, and checked there: entries {entries}, files {files}. Start it as before.").format(
            entries=grown.entries, files=grown.files
        )
    ]
    tell(given, asdict(grown), "\n".join([*lines, *not_whole(grown.missing)]))
    return FINDINGS if grown.missing else DONE


def admin_resend(given: argparse.Namespace) -> int:
    """`qingcha admin resend FOLDER`: what the storage lost, sent again by who holds it."""
    from sync.server.resending import resend

    gone = resend(given.folder)
    lines = (
        [*gone, _(_GONE).format(count=len(gone))] if gone else [_("Every file that was received is there.")]
    )
    tell(given, {"gone": gone}, "\n".join(lines))
    return FINDINGS if gone else DONE


def admin_adopt(given: argparse.Namespace) -> int:
    """`qingcha admin adopt FOLDER [HASH …]`: files that lie there and nobody has shown to have had."""
    from models.registry.days import day_of
    from sync.server.adopting import adopt, unclaimed

    found = adopt(given.folder, given.hashes, of=given.of) if given.hashes else unclaimed(given.folder)
    line = _("{file}  bytes {size}  named by {name} on {day}, {kind} {record}, unit {unit}")
    lines = [
        line.format(
            file=each.sha256,
            size=each.size,
            name=each.name or each.officer or "-",
            day=day_of(each.at),
            kind=each.record_kind,
            record=each.record,
            unit=each.unit,
        )
        for each in found
    ]
    if given.hashes:
        lines.append(_("Theirs from now on, and opened by who may read what names them."))
    elif found:
        lines.append(
            _(
                "Nobody may open these: no laptop has shown since the restore that it had them. Where one "
                "will not come any more and its entry is true, adopt its file by naming it here."
            )
        )
    tell(given, [asdict(each) for each in found], "\n".join(lines) or _("None found."))
    return DONE
