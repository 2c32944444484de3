"""The page that the phone sees: plain HTML with nothing from elsewhere, whole without script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from models.documents.text import one_line
from models.errors import QingchaError
from models.language import N_, _, current_language

SHORT = 12
"""Hex digits of a SHA-256 that both screens show, enough to compare by eye."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came, or why it was not taken."""

    name: str
    number: int = 0
    """Its place among those taken, from 1; 0 for one that was refused."""
    size: int = 0
    """Bytes."""
    sha256: str = ""
    error: QingchaError | None = None

    def text(self) -> str:
        """One line for the phone."""
        if self.error is not None:
            return self.short()
        size = f"{self.size / 1e6:.1f} MB" if self.size >= 100_000 else f"{self.size / 1e3:.1f} KB"
        return f"{self.short()}  {size}"

    def short(self) -> str:
        """What both screens show, to be compared."""
        name = one_line(self.name)[:60]
        if self.error is not None:
            return f"✗ {name}: {one_line(self.error.text())}"
        return f"✓ {self.number} {self.sha256[:SHORT]} {name}"


_STYLE = """
:root{color-scheme:light dark}
body{font:20px/1.5 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.3rem;margin:.2rem 0 .8rem}
label,button{display:block;box-sizing:border-box;width:100%;margin:.7rem 0;padding:1.1rem;font:inherit;
font-weight:600;text-align:center;border:3px solid;border-radius:.6rem}
button,.js label{background:#14532d;color:#fff;border-color:#14532d}
input{display:block;width:100%;margin-top:.5rem;font:inherit}
.js input{position:absolute;opacity:0;width:1px;height:1px}
label:focus-within{outline:4px solid #f59e0b}
progress{width:100%;height:1.6rem}[hidden]{display:none}
ol{list-style:none;padding:0}li{padding:.5rem 0;border-top:1px solid #8888}
.bad{color:#c62828;font-weight:600}.small{font-size:.85rem;opacity:.85}
""".strip()
_SCRIPT = """
(()=>{const form=document.forms[0],bar=document.querySelector('progress'),say=document.getElementById('say');
document.body.classList.add('js');form.querySelector('button').hidden=true;
const send=(file,place)=>new Promise(done=>{const way=new XMLHttpRequest(),data=new FormData();
data.append('f',file,file.name);way.open('POST',form.action);
way.upload.onprogress=e=>{bar.max=e.total;bar.value=e.loaded;say.textContent=place+' '+file.name};
way.onload=()=>done(way.status<400);way.onerror=way.onabort=()=>done(false);way.send(data)});
for(const input of form.querySelectorAll('input'))input.addEventListener('change',async()=>{
const files=[...input.files];let at=0,good=true;bar.hidden=false;
for(const file of files){at+=1;good=await send(file,at+'/'+files.length);if(!good)break}
if(good&&at)location.reload();else if(at){bar.hidden=true;say.textContent=form.dataset.lost;input.value=''}});
})()
""".strip()
_CHOICES = (
    (N_("Take a photo"), 'accept="image/*" capture="environment"'),
    (N_("Film"), 'accept="video/*" capture="environment"'),
    (N_("Choose photos and videos"), 'accept="image/*,video/*" multiple'),
)


def security(nonce: str) -> dict[str, str]:
    """The headers of every page: nothing from elsewhere, nothing kept, in no frame."""
    return {
        "content-security-policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
    }


def upload_page(path: str, title: str, nonce: str, taken: int, events: Sequence[Received]) -> str:
    """The buttons, and what came so far, the newest first."""
    language = current_language()
    inputs = "".join(
        f'<label>{escape(_(words))}<input type="file" name="f" {kinds}></label>' for words, kinds in _CHOICES
    )
    rows = "".join(
        f"<li{' class=bad' if each.error is not None else ''}>{escape(each.text())}</li>"
        for each in reversed(events)
    )
    send, received = escape(_("Send")), escape(_("Received by the laptop: {count}").format(count=taken))
    compare = escape(_("Compare the first digits of SHA-256 with the laptop's screen."))
    claims = escape(_("A phone may take time and place out of a photo before it sends it."))
    lost = _("Not sent: the connection is lost or the laptop has closed this page. Look at its screen.")
    body = f"""<p>{escape(one_line(title))}</p>
<form method="post" action="{escape(path)}?lang={language}" enctype="multipart/form-data"
data-lost="{escape(lost)}">{inputs}<button>{send}</button></form>
<progress hidden></progress><p id="say" role="status"></p>
<h2>{received}</h2><ol>{rows}</ol>
<p class="small">{compare} {claims}</p>
<script nonce="{nonce}">{_SCRIPT}</script>"""
    return _page(path, nonce, _("Photos into the inspection"), body)


def refusal_page(path: str, nonce: str, sentence: str) -> str:
    """One sentence why nothing can be sent from here."""
    body = f'<p class="bad">{escape(sentence)}</p>'
    return _page(path, nonce, _("Photos into the inspection"), body)


def _page(path: str, nonce: str, heading: str, body: str) -> str:
    language = current_language()
    other, name = ("en", "English") if language == "zh" else ("zh", "中文")
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(heading)}</title><style nonce="{nonce}">{_STYLE}</style></head><body>
<h1>{escape(heading)}</h1>
{body}
<p class="small"><a href="{escape(path)}?lang={other}">{name}</a></p>
</body></html>
"""
