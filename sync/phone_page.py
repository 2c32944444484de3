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
    cut: bool = False
    """Whether the connection ended in the middle of it."""

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
h1{font-size:1.3rem;margin:.2rem 0 .8rem}h2{font-size:1.1rem}
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
(()=>{const form=document.forms[0],bar=document.querySelector('progress'),say=document.getElementById('say'),
count=document.getElementById('count'),list=document.querySelector('ol'),again=document.getElementById('again'),
words=form.dataset,waiting=[],rest=ms=>new Promise(done=>setTimeout(done,ms));
let total=0,sent=0,busy=false,key='',at=0,had=0;
document.body.classList.add('js');form.querySelector('button').hidden=true;
const name=()=>[...crypto.getRandomValues(new Uint8Array(12))].map(each=>each.toString(16)).join('-');
const send=(file,key,at)=>new Promise(done=>{const way=new XMLHttpRequest(),data=new FormData();let timer=0;
const alive=()=>{clearTimeout(timer);timer=setTimeout(()=>way.abort(),30000)};
const end=told=>{clearTimeout(timer);done(told)};
if(at>=0)data.append('f',file.slice(at),file.name);way.open('POST',form.action);
way.setRequestHeader('x-file',key);way.setRequestHeader('x-at',at);
if(at>=0)way.upload.onprogress=e=>{alive();bar.max=file.size;bar.value=at+e.loaded};
way.onload=()=>{try{end(way.status===200?JSON.parse(way.responseText):{gone:true})}catch(e){end(null)}};
way.onerror=way.onabort=()=>end(null);alive();way.send(at>=0?data:null)});
const show=told=>{count.textContent=told.taken;
for(const each of told.files){const row=document.createElement('li');row.textContent=each.text;
if(!each.good)row.className='bad';list.prepend(row)}};
const halt=text=>{bar.hidden=true;say.textContent=text;again.hidden=!waiting.length};
const run=async()=>{if(busy)return;busy=true;again.hidden=true;bar.hidden=false;let tries=0;if(key)at=-1;
while(waiting.length){const file=waiting[0];say.textContent=(sent+1)+'/'+total+' '+file.name;
key=key||name();const told=await send(file,key,at);
if(told&&told.gone){waiting.length=total=sent=0;key='';busy=false;halt(words.closed);return}
if(told&&told.whole){waiting.shift();sent+=1;tries=0;key='';at=had=0;show(told);continue}
if(told&&told.at>had){had=told.at;tries=0}
if(told&&at<0){at=told.at;continue}
at=-1;tries+=1;if(tries>12){busy=false;halt(words.lost);return}
say.textContent=words.again+' '+(sent+1)+'/'+total+' '+file.name;
await rest(Math.min(8000,500*2**Math.min(tries-1,4)))}
total=sent=0;busy=false;halt(words.done)};
for(const input of form.querySelectorAll('input'))input.addEventListener('change',()=>{
const files=[...input.files];input.value='';if(!files.length)return;
waiting.push(...files);total+=files.length;run()});
again.addEventListener('click',run);
addEventListener('beforeunload',e=>{if(waiting.length)e.preventDefault()})})()
""".strip()
_CHOICES = (
    (N_("Take a photo"), 'accept="image/*" capture="environment"'),
    (N_("Film"), 'accept="video/*" capture="environment"'),
    (N_("Choose photos and videos"), 'accept="image/*,video/*" multiple'),
)


def told(events: Sequence[Received], taken: int, *, whole: bool, at: int) -> dict[str, object]:
    """What the page's script is answered: one line for each file that came.

    Args:
        whole: whether all of the file came; else the script sends the rest.
        at: how many bytes of it came.
    """
    files = [{"text": each.text(), "good": each.error is None} for each in events]
    return {"taken": taken, "whole": whole, "at": at, "files": files}


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
    send = escape(_("Send"))
    received = escape(_("Received by the laptop: {count}")).format(count=f'<span id="count">{taken}</span>')
    compare = escape(_("Compare the first digits of SHA-256 with the laptop's screen."))
    claims = escape(_("A phone may take time and place out of a photo before it sends it."))
    said = {
        "lost": _("Not sent: the connection is lost or the laptop has closed this page. Look at its screen."),
        "closed": _(
            "The laptop has closed this page. Open a new code there, and choose what is missing again."
        ),
        "again": _("The connection was cut. Trying again:"),
        "done": _("All sent. Compare the digits, then take or choose more."),
    }
    data = " ".join(f'data-{name}="{escape(words)}"' for name, words in said.items())
    go_on = escape(_("Send what is left"))
    body = f"""<p>{escape(one_line(title))}</p>
<form method="post" action="{escape(path)}?lang={language}" enctype="multipart/form-data"
{data}>{inputs}<button>{send}</button></form>
<progress hidden></progress><p id="say" role="status"></p>
<button id="again" type="button" hidden>{go_on}</button>
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
