"""An ASGI application that `requests` sends to without a socket; and requests signed by a device."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from models.store.signer import Signer
from sync.signing import new_nonce

from .by_hand import signed_fields


class AsgiAdapter(HTTPAdapter):
    """Answers prepared requests by an application in this process."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        """The application's answer; what it raises is raised here."""
        parts = urlsplit(str(request.url))
        body = request.body or b""
        sent = [body if isinstance(body, bytes) else str(body).encode()]
        told: dict[str, Any] = {}
        pieces: list[bytes] = []

        async def receive() -> dict[str, Any]:
            if not sent:
                await asyncio.Event().wait()  # the caller stays, and says nothing more
            return {"type": "http.request", "body": sent.pop(), "more_body": False}

        async def give(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                told.update(message)
            else:
                pieces.append(message.get("body", b""))

        fields = [(name.lower(), value) for name, value in request.headers.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": requests.utils.unquote(parts.path),
            "raw_path": parts.path.encode("latin-1"),
            "query_string": parts.query.encode("latin-1"),
            "headers": [(_bytes(name), _bytes(value)) for name, value in fields],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 1),
        }
        asyncio.run(self._app(scope, receive, give))
        answer = urllib3.HTTPResponse(
            io.BytesIO(b"".join(pieces)),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in told["headers"]},
            told["status"],
            preload_content=False,
        )
        return self.build_response(request, answer)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", "replace")


class Signed(AuthBase):
    """Puts a session's token and the device's signature on every request, whatever it holds."""

    def __init__(self, signer: Signer, token: str, nonce: Callable[[], str] = new_nonce) -> None:
        self._signer, self._token, self._nonce = signer, token, nonce

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the fields that an honest notebook adds."""
        body = request.body or b""
        raw = body if isinstance(body, bytes) else str(body).encode()
        if self._token:
            request.headers["authorization"] = f"Bearer {self._token}"
        fields = {name: value for name, value in request.headers.items() if isinstance(value, str)}
        signed = signed_fields(
            self._signer, str(request.method), request.path_url, fields, raw, self._nonce()
        )
        request.headers.update(signed)
        return request
