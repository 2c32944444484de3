"""The public page that a QR code of one of our papers leads to: is it genuine, and since when do we hold it.

Plain HTML for any phone, in the reader's language, no script. Nothing of a record is shown but what
the code itself says; all of it is escaped, and what hides or reorders is made visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.documents.text import visible
from models.errors import BadInput
from models.language import N_, _, use_language_here
from models.registry.days import local
from models.store import sealing
from models.store.fold import content
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.postgres import away
from models.store.profiles import PROFILES
from models.store.redacting import is_file_out, order_among
from sync.outcome import reason
from sync.proof.trust import fingerprint
from sync.server.central import Central
from sync.server.log import first_head_with
from sync.server.tables import Device, FileUse

MAX_FORM = 8 * 1024
ROOT = "root.crt"
TO_TAKE_HOME = (ROOT, "VERIFY.html", "VERIFY.sh")
"""What checks a package without this server: the agency's root certificate, and two programs."""
MOST_PACKAGE = 256 << 20
"""Bytes of an evidence package that the page takes; larger ones are checked by who has them."""
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}

_LIMITS = N_(
    "This confirms which device sealed the record, and that its text and list of evidence are unchanged. "
    "Whether what it says is true is not for this page to tell. Compare the record number with the paper."
)
_STYLE = """
:root{color-scheme:light dark}
body{font:17px/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem}
header{opacity:.7}h1{font-size:1.4rem;margin:.2rem 0 1rem}
.good,.bad,.warn{padding:.8rem 1rem;border-radius:.4rem;border-left:.4rem solid}
.good{background:#1a7f3722;border-color:#1a7f37}.bad{background:#c6282822;border-color:#c62828}
.warn{background:#b2690022;border-color:#b26900}
dt{opacity:.7;font-size:.9rem;margin-top:.6rem}dd{margin:0;overflow-wrap:anywhere}
textarea{width:100%;box-sizing:border-box;font:15px/1.4 monospace}
button{font:inherit;padding:.5rem 1.4rem;margin-top:.5rem}.small{font-size:.9rem;opacity:.8}
""".strip()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the page says of one QR text."""

    genuine: bool
    headline: str
    warnings: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    """Label and value."""
    lines: tuple[str, ...] = ()
    """What is proved and what is not, where it is more than `_LIMITS` says."""
    unknown: bool = False
    """Neither genuine nor false: it could not be checked to the end."""


def routes(central: Central) -> list[Route]:
    """`/verify` takes pasted text or `?q=`; `/1/…` is the address inside the QR code."""

    async def verify(request: Request) -> Response:
        text = request.query_params.get("q", "")
        if request.method == "POST":
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_FORM:
                    break
            text = parse_qs(bytes(body[:MAX_FORM]).decode("utf-8", "replace")).get("q", [""])[0]
        return await run_in_threadpool(_answer, central, [text.strip()], language_of(request))

    async def scanned(request: Request) -> Response:
        raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
        path = raw.partition(b"?")[0].decode("latin-1")
        # what was signed names the public host; a test or a tunnel may come by another
        hosts = [central.meta("host") or "", request.headers.get("host", "")]
        texts = list(dict.fromkeys(f"HTTPS://{host.upper()}{path}" for host in hosts))
        return await run_in_threadpool(_answer, central, texts, language_of(request))

    return [
        Route("/verify", verify, methods=["GET", "POST"]),
        Route("/1/{rest:path}", scanned, methods=["GET"]),
    ]


def look_up(central: Central, text: str) -> Finding:
    """What this server can say of a QR text."""
    try:
        seal = sealing.parse(text)
    except BadInput as reason:
        return Finding(False, reason.text())
    with central:
        devices = list(Device.select().where(Device.key_id == seal.key_id))
        device = next((row for row in devices if sealing.check(text, bytes(row.public_key))), None)
    if device is None:
        known = bool(devices)
        return Finding(
            False,
            _("NOT genuine: the signature does not fit this text.")
            if known
            else _("Not confirmed: this device is not enrolled here."),
            rows=_claims(seal),
        )
    return _of_genuine(central, seal, device)


def _of_genuine(central: Central, seal: sealing.SealLine, device: Device) -> Finding:
    rows = [*_claims(seal), (_("Signed by device"), f"{seal.key_id}  {device.name}")]
    warnings = []
    with central:
        row = _logged(seal, device.id)
        head = first_head_with(row.cursor) if row is not None and row.cursor else None
    if row is None:
        warnings.append(_("The device has not sent this record to the server yet."))
    else:
        if head is not None:
            rows.append((_("Logged by the server at"), _time(head.signed_at)))
            rows.append(
                (_("Place in the log"), _("{cursor} of {size}").format(cursor=row.cursor, size=head.size))
            )
        if row.state == PUT_ASIDE:
            warnings.append(
                _("The server has put this record aside: {reason}.").format(reason=reason(row.problem or ""))
            )
        warnings += _taken_out(central, seal, row)
    late = row is None or head is None or head.signed_at > (device.revoked_at or 0)
    if device.revoked_at is not None and late:
        warnings.append(
            _("The device was reported lost or revoked on {time}.").format(time=_time(device.revoked_at))
        )
    if head is not None and head.signed_at < seal.time_ms - 300_000:
        warnings.append(_("The device's clock disagrees with the server's."))
    headline = _("Genuine: sealed by an enrolled device and unchanged since.")
    return Finding(True, headline, tuple(warnings), tuple(rows))


def _taken_out(central: Central, seal: sealing.SealLine, row: EntryRow) -> list[str]:
    """That an order took content of the sealed record out, or a file: it is not there to be compared, not
    altered."""
    covers = content(row.entry()).get("covers")
    covered = [each for each in covers if isinstance(each, str)] if isinstance(covers, list) else []
    with central:
        out = is_file_out(seal.digest) or order_among(central.journal, covered) is not None
    if not out:
        return []
    return [_("Content of this record was taken out by order. Hash, seal and place in the log are intact.")]


def _logged(seal: sealing.SealLine, device: str) -> Any:
    """The entry of the log that holds this seal: its device's own, else the first that carries it."""
    named = EntryRow.select().join(FileUse, on=(EntryRow.cursor == FileUse.cursor))
    entries = list(named.where((FileUse.sha256 == seal.digest) & (EntryRow.kind == "seal")))
    for row in sorted(entries, key=lambda row: (row.device != device, row.cursor)):
        if content(row.entry()).get("line") == seal.line:
            return row
    return None


def _claims(seal: sealing.SealLine) -> tuple[tuple[str, str], ...]:
    site = seal.site_code if seal.site_code != sealing.NO_SITE_CODE else "—"
    return (
        (_("Record number"), seal.number),
        (_("Site code"), site),
        (_("Sealed at, by the device's clock"), _time(seal.time_ms)),
        (_("Evidence items"), str(seal.count)),
        (_("Hash of the record ({name})").format(name=PROFILES[seal.profile].hash_name), seal.digest),
    )


def _time(ms: int) -> str:
    return f"{local(ms):%Y-%m-%d %H:%M:%S} UTC+8"


def language_of(request: Request) -> str:
    """The language of the page: asked for, else by what the browser accepts, else Chinese."""
    asked = request.query_params.get("lang", "")
    if asked in ("zh", "en"):
        return asked
    # English only for a reader who asks for it before Chinese
    accepted = request.headers.get("accept-language", "").lower()
    english, chinese = accepted.find("en"), accepted.find("zh")
    return "en" if english >= 0 and (chinese < 0 or english < chinese) else "zh"


def _answer(central: Central, texts: Sequence[str], language: str) -> Response:
    use_language_here(language)
    finding = None
    if texts[0]:
        # the one that is genuine, else what is to be said of the first
        try:
            findings = [look_up(central, text) for text in texts]
        except Exception as error:
            if not away(error):
                raise
            return busy(central, language)
        finding = next((each for each in findings if each.genuine), findings[0])
    return shown(central, finding, texts[0] if finding is not None else "", language)


def busy(central: Central, language: str) -> Response:
    """The page where the server cannot look now: nothing is said of what was asked."""
    use_language_here(language)
    finding = Finding(False, _("The server is busy. Try again in a minute."), unknown=True)
    return shown(central, finding, "", language, 503)


def shown(central: Central, finding: Finding | None, text: str, language: str, status: int = 200) -> Response:
    """The page as an answer."""
    page = _page(finding, text, language, central.organisation, fingerprint(central.authority.encode()))
    return Response(page, status, _HEADERS, "text/html; charset=utf-8")


def _seen(text: str) -> str:
    return escape(visible(text))


def _page(finding: Finding | None, text: str, language: str, organisation: str, root: str) -> str:
    parts = []
    if finding is not None:
        mark, tone = ("✓", "good") if finding.genuine else ("?", "warn") if finding.unknown else ("✗", "bad")
        parts.append(f'<p class="{tone}"><b>{mark}</b> {_seen(finding.headline)}</p>')
        parts += [f'<p class="warn">⚠ {_seen(warning)}</p>' for warning in finding.warnings]
        rows = (f"<dt>{escape(label)}</dt><dd>{_seen(value)}</dd>" for label, value in finding.rows)
        parts.append(f"<dl>{''.join(rows)}</dl>")
        parts += [f"<p class=small>{_seen(line)}</p>" for line in finding.lines or (_(_LIMITS),)]
    title, label, button = escape(_("Check a record")), escape(_("Text of the QR code")), escape(_("Check"))
    package = escape(_("Evidence package (zip, at most {most} MB)").format(most=MOST_PACKAGE >> 20))
    alone = escape(_("To check without this server, take home the root certificate and one of the programs:"))
    links = " · ".join(f'<a href="/verify/{name}">{name}</a>' for name in TO_TAKE_HOME)
    printed = escape(_("Fingerprint of the root certificate (SHA-256): {hash}").format(hash=root))
    other = "en" if language == "zh" else "zh"
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{_STYLE}</style></head><body>
<header>{_seen(organisation)}</header><h1>{title}</h1>
{"".join(parts)}
<form method="post" action="/verify?lang={language}"><label for="q">{label}</label>
<textarea id="q" name="q" rows="5" maxlength="2000" spellcheck="false">{_seen(text)}</textarea>
<button>{button}</button></form>
<form method="post" action="/verify/package?lang={language}" enctype="multipart/form-data">
<p><label for="package">{package}</label><br>
<input type="file" id="package" name="package" accept=".zip" required></p>
<button>{button}</button></form>
<p class=small>{alone} {links}<br>{printed}</p>
<p class=small><a href="/verify?lang={other}">{"English" if other == "en" else "中文"}</a></p>
</body></html>
"""
