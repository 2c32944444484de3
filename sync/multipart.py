"""The parts of a form with files (RFC 7578, multipart/form-data), read forward in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from models.errors import BadInput
from models.language import N_

NO_FORM = N_("This is no form of the phone page. Load the page again.")
_LONGEST_HEADERS = 8 * 1024
_MOST_PARTS = 1000
_BOUNDARY = re.compile(
    r'multipart/form-data\s*;.*?\bboundary="?([^";,\s]{1,70})"?', re.IGNORECASE | re.DOTALL
)
_PARAMETER = re.compile(r';\s*([\w*-]+)=(?:"([^"]*)"|([^;]*))')
# what browsers write for these three in a name; a name's own "%41" stays as it is
_ESCAPES = {"%22": '"', "%0d": " ", "%0a": " "}


class Cut(Exception):
    """The form ended in the middle: the sender has gone."""


class Part:
    """One part: what it is called, and its content as a stream to be read once."""

    def __init__(self, form: Form, name: str, file: str | None) -> None:
        self.name = name
        self.file = file
        """The file's name without folders; empty when none was chosen, None when it is no file."""
        self._form = form

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end.

        Raises:
            Cut: when the form ends before the part does.
        """
        return self._form.read(size)


class Form:
    """The parts of a form, one after the other; what is not read of a part is passed over.

    Args:
        pull: gives the next bytes of the body, none at its end; what it raises is passed on.
        boundary: as `boundary_of` found it.
    """

    def __init__(self, pull: Callable[[], bytes], boundary: bytes) -> None:
        self._pull = pull
        self._buffer = b"\r\n"  # so that the first delimiter looks as all others do
        self._delimiter = b"\r\n--" + boundary

    def parts(self) -> Iterator[Part]:
        """Every part.

        Raises:
            BadInput: it is no such form. Cut: it ends in the middle.
        """
        self._pass_over()
        for _ in range(_MOST_PARTS):
            self._buffer = self._buffer[len(self._delimiter) :]
            self._fill(2)
            mark, self._buffer = self._buffer[:2], self._buffer[2:]
            if mark == b"--":
                return
            if mark != b"\r\n":
                break
            name, file = self._headers()
            yield Part(self, name, file)
            self._pass_over()
        raise _no_form()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes of the part that is being read."""
        while True:
            at = self._buffer.find(self._delimiter)
            sure = at if at >= 0 else len(self._buffer) - len(self._delimiter) + 1
            if at == 0:
                return b""
            if sure > 0:
                piece = self._buffer[: min(size, sure)]
                self._buffer = self._buffer[len(piece) :]
                return piece
            self._more()

    def _pass_over(self) -> None:
        while self.read(1 << 20):
            pass

    def _headers(self) -> tuple[str, str | None]:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _LONGEST_HEADERS:
                raise _no_form()
            self._more()
        lines = self._buffer[:end].decode("utf-8", "replace").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        for line in lines:
            label, _, value = line.partition(":")
            if label.strip().lower() == "content-disposition":
                found = {key.lower(): quoted or bare for key, quoted, bare in _PARAMETER.findall(value)}
                file = found.get("filename")
                return found.get("name", ""), _base_name(file) if file is not None else None
        raise _no_form()

    def _fill(self, least: int) -> None:
        while len(self._buffer) < least:
            self._more()

    def _more(self) -> None:
        piece = self._pull()
        if not piece:
            raise Cut
        self._buffer += piece


def boundary_of(content_type: str) -> bytes:
    """The boundary of a form's media type.

    Raises:
        BadInput: it is no form with files.
    """
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise _no_form()
    return found[1].encode("latin-1", "replace")


def _base_name(name: str) -> str:
    for escape, sign in _ESCAPES.items():
        name = re.sub(escape, sign, name, flags=re.IGNORECASE)
    return re.split(r"[/\\]", name)[-1].strip() or ("photo" if name else "")


def _no_form() -> BadInput:
    return BadInput(NO_FORM)
