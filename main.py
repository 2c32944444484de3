"""The front door: `qingcha`, a thin command line. Every subcommand is one call into `tui.cli`.

Exit codes: 0 done; 1 a check found something (a record that is not genuine, a value over its limit); 2 one
sentence on standard error says what to do; `sync` and `enrol` have their own (`sync.outcome.Exit`).
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.content import use_content
from models.errors import QingchaError, reason_of
from models.language import LANGUAGES, _, language_of_environment, translate, use_language
from models.rooms import TITLES
from models.store.home import home_folder
from tui.cli.arguments import Parser
from tui.cli.telling import DONE, REFUSED, say
from tui.machine import forbid_core_dumps


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    forbid_core_dumps()
    words = list(sys.argv[1:] if argv is None else argv)
    asked = words[words.index("--lang") + 1 :][:1] if "--lang" in words else []
    # before the parser is made: its help speaks the language asked for
    use_language(asked[0] if asked and asked[0] in LANGUAGES else language_of_environment())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a code page may lack a letter
    if any(name in words for name in TITLES):
        # argparse (3.11) takes no words of its own accord after a flag that stands among them
        words.sort(key=lambda word: word in ("--json", "--demo"))
    given = _parser(words).parse_args(words)
    if given.lang:
        use_language(given.lang)
    try:
        use_content(home_folder())
        module, function = given.run.split(":")
        return int(getattr(importlib.import_module(f"tui.cli.{module}"), function)(given))
    except QingchaError as error:
        say(error.text())
        return int(getattr(error, "exit_code", REFUSED))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        # a name longer than any file's, a folder that is gone: whatever no room made a sentence of
        name, reason = str(error.filename or "")[:200], reason_of(error)
        say(_("{name} cannot be read: {reason}.").format(name=name, reason=reason) if name else str(reason))
        return REFUSED
    except UnicodeError:
        say(_("The text holds characters that cannot be kept. Type it again."))
        return REFUSED
    except KeyboardInterrupt:
        return 130


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the command in these words; the commands of a room only where it is named."""
    codes = _(
        "Exit codes: 0 done; 1 a check found something; 2 refused, and a sentence says what to do; 10 "
        "and above tell how a synchronisation ended (docs/guide.md, Exit codes)."
    )
    top = Parser(prog="qingcha", description=_("The inspector's notebook. Alone: open it."), epilog=codes)
    top.add_argument(
        "--lang", choices=LANGUAGES, help=_("language of what is said; Chinese unless QINGCHA_LANG=en")
    )
    top.add_argument("--notebook", metavar="NAME", help=_("which notebook, where there are several"))
    top.set_defaults(run="seats:open_own")
    commands = top.add_subparsers(metavar=_("COMMAND"))

    def command(name: str, run: str, text: str, within: Any = commands) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = within.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help=_("print JSON"))
        return made

    def group(name: str, text: str) -> Any:
        made = commands.add_parser(name, help=text, description=text)
        return made.add_subparsers(metavar=_("COMMAND"), required=True)

    demo = command("demo", "seats:demo", _("open a filled practice notebook with a server of its own"))
    demo.add_argument("--play", action="store_true", help=_("play a day by itself"))
    demo.add_argument("--fresh", action="store_true", help=_("start the demo over"))
    serve = command("serve", "server:serve", _("run the central server"))
    own = _("the server's folder; without it one for trying out, in the user's own data folder")
    serve.add_argument("folder", type=Path, nargs="?", help=own)
    listen = _("address to listen on: 127.0.0.1 (this computer only) unless told, 0.0.0.0 for all")
    serve.add_argument("--host", default="127.0.0.1", help=listen)
    serve.add_argument("--port", type=int, default=8443, help=_("port to listen on: 8443 unless told"))
    serve.add_argument("--cert", type=Path, help=_("TLS certificate, PEM"))
    serve.add_argument("--key", type=Path, help=_("its key, PEM"))
    serve.add_argument("--plain-http", action="store_true", help=_("behind a proxy that ends TLS"))
    serve.add_argument(
        "--metrics", metavar="[HOST:]PORT", default="", help=_("answer /metrics on a port of its own")
    )
    begin = command("begin", "notebook:begin", _("begin a notebook on this laptop"))
    begin.add_argument("name", help=_("name of the person whose notebook it is"))
    begin.add_argument("--certificate", default="", help=_("number of their enforcement certificate"))
    begin.add_argument("--unit", required=True, help=_("their unit, by code or name"))
    begin.add_argument(
        "--another", action="store_true", help=_("although somebody else has a notebook on this laptop")
    )
    enrol = command("enrol", "notebook:enrol", _("make this notebook known to a server"))
    enrol.add_argument("code", help=_("the one-time code, or the text of its QR code"))
    sending = command("sync", "notebook:sync", _("send and receive"))
    first = _("record number of an inspection whose files go before all others")
    sending.add_argument("--first", metavar="NUMBER", default="", help=first)
    code = _("the six digits that the app on your phone shows now, where the server asks for them")
    sending.add_argument("--code", metavar="DIGITS", default="", help=code)
    for made in (enrol, sending):
        made.epilog = codes
        _server_options(made)
    command("doctor", "notebook:doctor", _("check that the notebook is whole"))
    left = command("found", "found:found", _("list files that no record names, as a crash leaves them"))
    left.add_argument("--to", type=Path, help=_("folder to write them into"))
    left.add_argument("--delete", nargs="+", default=[], metavar="NAME", help=_("delete these of the list"))
    command("passphrase", "notebook:passphrase", _("change the passphrase of a notebook"))
    again = command("recover", "notebook:recover", _("open a notebook with the agency's recovery key"))
    again.add_argument(
        "key", type=Path, nargs="+", metavar="FILE", help=_("file that holds the recovery key, or its shares")
    )
    show = command("list", "notebook:list_inspections", _("list inspections"))
    show.add_argument("text", nargs="?", default="", help=_("part of a name, pinyin initials, a number"))
    show.add_argument("--demo", action="store_true", help=_("of the practice notebook"))
    paper = command("document", "notebook:document", _("write an inspection's papers"))
    paper.add_argument("number", help=_("record number of the inspection"))
    paper.add_argument("--demo", action="store_true", help=_("of the practice notebook"))
    paper.add_argument("target", type=Path, help=_("file to write: .docx, .pdf, .html or .txt"))
    which = _("record, list of evidence, or the whole process; the record unless told")
    paper.add_argument("--paper", choices=("record", "evidence", "timeline"), default="record", help=which)
    paper.add_argument("--public", action="store_true", help=_("a redacted copy, of a sealed record only"))
    hide = _("with --public: words that are a trade secret; may be given several times")
    paper.add_argument("--hide", action="append", default=[], metavar="WORDS", help=hide)
    pictures = _("with --public: copies of the pictures, without what cameras write into them")
    paper.add_argument("--pictures", type=Path, metavar="FOLDER", help=pictures)
    _proof_parser(command)

    backup = command("backup", "backup:backup", _("copy a notebook or a server, which may be open"))
    backup.add_argument("folder", type=Path, help=_("the notebook's or server's folder"))
    backup.add_argument("target", type=Path, help=_("an empty folder, or a backup of it from before"))
    backup.add_argument("--off-site", action="store_true", help=_("the target is kept elsewhere (server)"))
    every = _("read every file again that the backup holds; without it a part of them each time")
    backup.add_argument("--all", action="store_true", help=every)
    restore = command("restore", "backup:restore", _("make a notebook or a server of its backup"))
    restore.add_argument("backup", type=Path, help=_("the folder that 'qingcha backup' made"))
    restore.add_argument("target", type=Path, help=_("a folder that is empty or not there yet"))
    _elsewhere(restore)

    bundles = group("bundle", _("synchronise by a stick, where there is no network"))
    out = command("export", "bundle:export", _("write what waits, for the server"), bundles)
    out.add_argument(
        "target", type=Path, metavar="FILE|FOLDER", help=_("file to write, or the stick's folder")
    )
    out.add_argument("--size", help=_("largest file that the stick takes, as 700M; more becomes several"))
    back = command("import", "bundle:take", _("take in what the server answered"), bundles)
    back.epilog = codes
    carried = _("the server's answer, or the folder that holds it")
    back.add_argument("file", type=Path, metavar="FILE|FOLDER", help=carried)

    forms = group("form", _("work with forms"))
    check = command("check", "facts:form_check", _("say whether a form can be used"), forms)
    form = _("the form: XLSForm (.xlsx, .md) or XForm (.xml)")
    check.add_argument("file", type=Path, help=form)
    fill = command("fill", "facts:form_fill", _("fill a form from JSON answers"), forms)
    out = command("export", "facts:form_export", _("write the filled form for other programs"), forms)
    for made in (fill, out):
        made.add_argument("file", type=Path, help=form)
        made.add_argument("--answers", type=Path, required=True, help=_("JSON file: path to answer"))
        before = _("JSON file: the answers before these")
        made.add_argument("--last-saved", type=Path, metavar="FILE", help=before)
    fill.add_argument("--language", default="", help=_("of the form's texts, as in the form"))
    out.add_argument("--to", type=Path, required=True, help=_("file to write: .xml, .csv, .json or .geojson"))
    out.add_argument("--bom", action="store_true", help=_("mark CSV as UTF-8, for Excel"))
    command("list", "facts:form_list", _("list the checklists"), forms).add_argument(
        "folder", type=Path, nargs="?", help=_("folder with forms; without it those of this program")
    )
    limits = group("limits", _("work with limit tables"))
    judge = command("check", "facts:limits_check", _("judge a value by its limit"), limits)
    judge.add_argument("parameter", help=_("name or symbol, as COD"))
    judge.add_argument("value", help=_("the measured value, as 240, <5 or ≥100"))
    judge.add_argument("fields", nargs="*", metavar="name=value", help=_("as unit=mg/L grade=1"))
    draws = group("draw", _("repeat a draw of sites and officers"))
    again = command("repeat", "draw:repeat", _("draw again from an exported draw and compare"), draws)
    again.add_argument("file", type=Path, help=_("exported .json, or the .txt list with --seed"))
    again.add_argument("--seed", default="", help=_("the seed of a list, or another one to try"))
    _lab_parser(group, command)
    report = group("report", _("print figures as of a day"))
    city = command("city", "report:city", _("the city's figures: cases, money, restoration, units"), report)
    city.add_argument("--as-of", metavar="YYYY-MM-DD", default="", help=_("by legal dates up to this day"))
    city.add_argument("--demo", action="store_true", help=_("of the practice notebook"))
    _admin_parser(group, command)
    for name, title in TITLES.items():
        within = group(name, translate(title))
        if name in words:  # ten rooms of five commands each would cost more than all others together
            _room_parser(name, within, command)
    return top


def _proof_parser(command: Any) -> None:
    packed = command("package", "proof:package", _("write the evidence package of a sealed record"))
    packed.add_argument("record", help=_("number or id of what was sealed"))
    packed.add_argument("--demo", action="store_true", help=_("of the practice notebook"))
    packed.add_argument("--to", type=Path, required=True, metavar="FILE.zip", help=_("zip file to write"))
    verify = command("verify", "proof:verify", _("check an evidence package, a QR text, or a record"))
    subject = _("the package (zip or unpacked), the QR text, or a file that holds it or the record")
    verify.add_argument("subject", help=subject)
    verify.add_argument("--root", type=Path, metavar="ROOT.crt", help=_("the agency's root certificate"))
    verify.add_argument("--tsa", type=Path, metavar="TSA.crt", help=_("root certificate of the time-stamps"))
    verify.add_argument("--qr", help=_("the QR text that goes with the file"))
    verify.add_argument("--key", type=Path, action="append", default=[], help=_("device key or certificate"))


def _lab_parser(group: Any, command: Any) -> None:
    lab = group("lab", _("results and labels of samples"))
    taken = command("import", "lab:import_results", _("take in a laboratory's results"), lab)
    taken.add_argument("file", type=Path, help=_(".xlsx or .csv of the laboratory"))
    taken.add_argument(
        "--inspection", metavar="NUMBER", default="", help=_("only samples of this inspection")
    )
    empty = command("template", "lab:template", _("write an empty table for the laboratory to fill"), lab)
    empty.add_argument("file", type=Path, metavar="FILE", help=_("file to write: .xlsx or .csv"))
    labels = command("labels", "lab:labels", _("write the labels of samples"), lab)
    labels.add_argument("record", help=_("number of the sampling record"))
    labels.add_argument("folder", type=Path, help=_("folder for a .png and a .txt of each bottle"))
    for each in (taken, labels):
        each.add_argument("--demo", action="store_true", help=_("of the practice notebook"))


def _room_parser(room: str, within: Any, command: Any) -> None:
    shown = command("list", "rooms:list_records", _("list records"), within)
    shown.add_argument("words", nargs="*", metavar="[LISTING] [TEXT]", help=_("which list, and what to find"))
    record = _("id, number, beginning of the id, or name; KIND/ before it where that is not clear")
    command("show", "rooms:show", _("show all of one record"), within).add_argument("record", help=record)
    acts = command("acts", "rooms:acts", _("list what can be done, and the lists"), within)
    acts.add_argument("record", nargs="?", default="", help=record)
    done = command("do", "rooms:do", _("do something"), within)
    done.add_argument("act", help=_("one of those that `acts` lists"))
    done.add_argument(
        "words", nargs="*", metavar="[RECORD] name=value", help=_("the record, then the fields")
    )
    paper = command("paper", "rooms:paper", _("write a paper of a record"), within)
    paper.add_argument("record", help=record)
    paper.add_argument("name", help=_("which paper"))
    paper.add_argument("target", type=Path, help=_("file to write: .docx, .pdf, .html or .txt"))
    for each in within.choices.values():
        each.add_argument("--demo", action="store_true", help=_("of the practice notebook"))
        each.set_defaults(room=room)


def _server_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--server", help=_("address of the server"))
    command.add_argument("--ca", type=Path, help=_("PEM file of the authority behind its certificate"))


def _admin_parser(group: Any, command: Any) -> None:
    of_server = _("the server's folder")
    person = _("who: certificate number, name or record id")
    device_id = _("device, as 'qingcha admin devices' lists it")
    admin = group("admin", _("administer the server, on its own machine"))
    init = command("init", "server:admin_init", _("make a server"), admin)
    init.add_argument("folder", type=Path, help=_("folder to make, new or empty"))
    init.add_argument("--organisation", required=True, help=_("name of the bureau, as papers show it"))
    init.add_argument("--host", required=True, help=_("public name, as sync.example.cn"))
    plan = _("shares of the recovery key: how many are needed, and how many there are")
    init.add_argument("--shares", metavar="3/5", default="", help=plan)
    shares = command("shares", "server:admin_shares", _("split the agency's recovery key into shares"), admin)
    shares.add_argument("key", type=Path, help=_("file that holds the recovery key"))
    shares.add_argument("plan", metavar="3/5", help=plan)
    _elsewhere(init)
    officer = command("officer", "server:admin_officer", _("enter a person who may bring devices"), admin)
    officer.add_argument("folder", type=Path, help=of_server)
    officer.add_argument("name", help=_("the person's name"))
    certified = _("number of the enforcement certificate; two persons never share one")
    officer.add_argument("--certificate", default="", help=certified)
    officer.add_argument("--unit", required=True, help=_("code of the home unit"))
    officer.add_argument(
        "--units", nargs="*", default=[], help=_("codes of all units granted; without it the home unit")
    )
    officer.add_argument(
        "--role",
        default="officer",
        help=_("role, or several joined by commas (docs/roles.md); a wrong one lists all"),
    )
    sites = command("import-sites", "server:admin_import", _("enter sites from a .csv or .xlsx list"), admin)
    sites.add_argument("folder", type=Path, help=of_server)
    sites.add_argument("file", type=Path, help=_("list with a header row; a column for the name is needed"))
    sites.add_argument(
        "--good-rows", action="store_true", help=_("enter the good rows though others are wrong")
    )
    for name, run, text, takes in (
        ("code", "server:admin_code", _("a one-time enrolment code"), "officer"),
        ("revoke", "server:admin_revoke", _("revoke a device"), "device"),
        ("people", "server:admin_people", _("list who has an account, with role and units"), None),
        ("devices", "server:admin_devices", _("list devices"), None),
        ("restored", "server:admin_restored", _("go on after the server was restored from a backup"), None),
        ("grow", "server:admin_grow", _("carry the journal into PostgreSQL, evidence into S3 storage"), None),
        ("resend", "server:admin_resend", _("have laptops send again what the storage lost"), None),
        ("adopt", "server:admin_adopt", _("say whose files are that a restored server does not know"), None),
    ):
        made = command(name, run, text, admin)
        made.add_argument("folder", type=Path, help=of_server)
        if takes:
            made.add_argument(takes, help=person if takes == "officer" else device_id)
        if name == "revoke":
            _logged(made)
            _together(made)
        if name == "adopt":
            made.add_argument("--of", default="", help=person)
            made.add_argument(
                "hashes", nargs="*", metavar="HASH", help=_("SHA-256, or its beginning; none lists")
            )
        if name == "restored":
            made.add_argument("--database", default="", help=_("where the journal is now: postgresql://…"))
            made.add_argument("--files", default="", help=_("where evidence is now: s3://bucket/prefix"))
        if name == "grow":
            _elsewhere(made)
    aside = command("quarantine", "server:admin_quarantine", _("list what was put aside"), admin)
    aside.add_argument("folder", type=Path, help=of_server)
    for name, text in (
        ("release", _("let entries that were put aside count")),
        ("reject", _("leave entries aside for good")),
    ):
        decided = command(name, f"server:admin_{name}", text, admin)
        decided.add_argument("folder", type=Path, help=of_server)
        decided.add_argument("device", help=_("device, as 'qingcha admin quarantine' lists it"))
        decided.add_argument(
            "numbers", type=int, nargs="+", metavar="NUMBER", help=_("of the device's entries")
        )
        decided.add_argument("--by", required=True, metavar="OFFICER", help=_("who decides"))
        decided.add_argument("--why", required=True, metavar="REASON", help=_("stays with the record"))
    redact = command("redact", "redact:admin_redact", _("take content out that an order names"), admin)
    redact.add_argument("folder", type=Path, help=of_server)
    redact.add_argument(
        "entry",
        nargs="?",
        help=_("hash of an entry; of a record its id or number, to list its entries; none finishes"),
    )
    redact.add_argument(
        "--file", default="", metavar="SHA256", help=_("a file that it names goes, and the entry stays")
    )
    redact.add_argument("--by", default="", metavar="OFFICER", help=_("who carries the order out"))
    redact.add_argument("--why", default="", metavar="ORDER", help=_("which order; every notebook reads it"))
    _together(redact)
    redact.add_argument("--yes", action="store_true", help=_("do it; without this it is only shown"))
    durable = command("durable", "server:admin_durable", _("note that a backup is kept elsewhere"), admin)
    durable.add_argument("folder", type=Path, help=of_server)
    kept = durable.add_mutually_exclusive_group(required=True)
    kept.add_argument("backup", type=Path, nargs="?", help=_("the backup; all of it is read"))
    kept.add_argument("--none", action="store_true", help=_("none is any more"))
    stick = command("bundle", "bundle:at_server", _("take in what came on a stick, and answer it"), admin)
    stick.add_argument("folder", type=Path, help=of_server)
    stick.add_argument("bundles", type=Path, nargs="+", help=_("bundles, or the folder that holds them"))
    stick.add_argument("--answers", type=Path, help=_("folder for the answers; else beside the bundles"))
    doctor = command("doctor", "server:admin_doctor", _("check that the server is whole"), admin)
    doctor.add_argument("folder", type=Path, help=of_server)
    doctor.add_argument("--files", action="store_true", help=_("read every file and compare its hash"))
    stamp = command("stamp", "server:admin_stamp", _("have the log time-stamped from outside now"), admin)
    stamp.add_argument("folder", type=Path, help=of_server)
    stamp.add_argument(
        "--tsa", metavar="URL", help=_("by this authority (RFC 3161), every evening from now on")
    )
    stamp.add_argument("--root", type=Path, metavar="TSA.crt", help=_("its root certificate, PEM"))
    factor = command("factor", "server:admin_factor", _("give a person a second factor"), admin)
    factor.add_argument("folder", type=Path, help=of_server)
    factor.add_argument("officer", help=person)
    factor.add_argument("--off", action="store_true", help=_("take it away"))
    grant = command("grant", "server:admin_grant", _("grant exactly these units"), admin)
    grant.add_argument("folder", type=Path, help=of_server)
    grant.add_argument("officer", help=person)
    grant.add_argument("units", nargs="+", help=_("codes of units, for reading and writing"))
    grant.add_argument(
        "--read-only", nargs="+", default=[], metavar="UNIT", help=_("codes of units, for reading only")
    )
    _logged(grant)


def _elsewhere(command: argparse.ArgumentParser) -> None:
    """Where a server that is too large for its folder keeps what."""
    command.add_argument("--database", default="", help=_("keep the journal in PostgreSQL: postgresql://…"))
    command.add_argument("--files", default="", help=_("keep evidence in S3 storage: s3://bucket/prefix"))


def _logged(command: argparse.ArgumentParser) -> None:
    """Options of what the server's log keeps."""
    command.add_argument("--by", default="", metavar="OFFICER", help=_("who decides; stays in the log"))
    command.add_argument("--why", default="", metavar="REASON", help=_("stays in the log, for all to read"))


def _together(command: argparse.ArgumentParser) -> None:
    """Options of what two persons decide where server.toml asks for it; `tui.cli.deciding` reads them."""
    command.add_argument(
        "--and", dest="second", default="", metavar="OFFICER", help=_("who decides together with them")
    )
    codes = _("file with the code of each, a line each, in that order; - for standard input. Else asked for")
    command.add_argument("--codes-from", metavar="FILE", default="", help=codes)


if __name__ == "__main__":
    sys.exit(main())
