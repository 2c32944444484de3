"""The server before hostile texts: its public page stays one harmless page, its log one entry a line."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from models.errors import BadInput
from models.language import use_language
from sync.address import ServerAddress, read_enrolment
from sync.server import admin
from sync.server.app import make_app
from sync.server.central import Central
from sync.server.logs import JsonFormatter
from sync.server.verify_page import Finding, _page
from tests.hostile.corpus import HOSTILE
from tests.hostile.test_files import Tags
from tests.hostile.typing import written
from tui.quirks import UNSEEN


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The application of a new server."""
    folder = tmp_path_factory.mktemp("server") / "central"
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn")
    central = Central.open(folder)
    yield make_app(central)
    central.close()


def ask(app: Any, method: str, path: bytes, query: bytes = b"", body: bytes = b"") -> tuple[int, str]:
    """One request, without a network: status and text."""
    answer: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        answer["status"] = message.get("status", answer.get("status"))
        answer["body"] += message.get("body", b"")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": [(b"host", b"sync.example.cn"), (b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))
    return answer["status"], answer["body"].decode("utf-8")


def same_page(page: str, harmless: str) -> Tags:
    """The page has the elements of the harmless one, no other, and nothing hidden in its text."""
    assert not UNSEEN.search(page.replace("\n", "").replace("\ufffd", ""))
    tags, wanted = Tags(), Tags()
    tags.feed(page)
    wanted.feed(harmless)
    assert tags.found == wanted.found
    assert tags.handlers == wanted.handlers == []
    return tags


@pytest.mark.parametrize("way", ["get", "post"])
def test_what_is_pasted_into_the_public_page_is_shown_and_never_acts(app, way):
    _status, harmless = ask(app, "GET", b"/verify", b"q=x&lang=zh")
    for each in HOSTILE:
        fields = urlencode({"q": each.text, "lang": "zh"}, errors="surrogatepass").encode()
        if way == "get":
            status, page = ask(app, "GET", b"/verify", fields)
        else:
            status, page = ask(app, "POST", b"/verify", b"lang=zh", fields)
        assert status == 200
        tags = same_page(page, harmless)
        if len(each.text) < 1000:
            assert each.marker in tags.text


def test_no_address_of_a_code_acts(app):
    _status, harmless = ask(app, "GET", b"/1/x")
    for each in HOSTILE:
        path = b"/1/" + quote(each.text[:300], safe="", errors="surrogatepass").encode()
        status, page = ask(app, "GET", path)
        assert status == 200
        same_page(page, harmless)


def test_names_from_records_and_devices_are_escaped_on_the_page():
    use_language("zh")
    harmless = _page(Finding(True, "x", ("x",), (("x", "x"),)), "x", "zh", "x", "x")
    for each in HOSTILE:
        text = each.text
        page = _page(Finding(True, text, (text,), (("x", text),)), text, "zh", text, "x")
        assert written(same_page(page, harmless).text).count(each.marker) == 5 * text.count(each.marker)


def test_a_call_to_the_interface_answers_json_and_nothing_raw(app):
    for each in HOSTILE[::4]:
        part = quote(each.text[:300], safe="", errors="surrogatepass").encode()
        for path in (b"/v1/receipts/" + part + b"/" + part, b"/v1/blobs/" + part, b"/" + part):
            status, text = ask(app, "GET", path)
            assert 400 <= status < 500, path
            assert not UNSEEN.search(text.replace("\n", "")), path


def test_a_log_entry_is_one_line_that_holds_nothing_from_outside():
    formatter = JsonFormatter()
    for each in HOSTILE:
        record = logging.LogRecord("qingcha", logging.ERROR, "x", 1, "%s %s", ("GET", each.text), None)
        try:
            raise ValueError(each.text)
        except ValueError as error:
            record.exc_info = (ValueError, error, error.__traceback__)
        line = formatter.format(record)
        assert line.isascii()
        assert line.isprintable()
        told = json.loads(line)
        assert (told["event"], told["error"]) == ("%s %s", ["ValueError"])
        assert each.text not in repr(told)


def test_no_string_is_an_address_by_accident():
    for each in HOSTILE:
        try:
            address = ServerAddress.parse(each.text)
        except BadInput:
            continue
        assert not UNSEEN.search(address.url)
        assert address.url.isprintable()
    assert not any(read_enrolment(each.text) for each in HOSTILE)
