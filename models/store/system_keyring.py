"""The key store of the person's desktop, as a second secret beside the passphrase."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Protocol

_SERVICE = "qingcha"


class KeyringLike(Protocol):
    """A place outside the notebook's folder that keeps a small secret for this user."""

    def get(self, name: str) -> bytes | None:
        """The secret of that name; None when it is not there."""

    def put(self, name: str, secret: bytes) -> bool:
        """Keep a secret; False when the place would not take it."""

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens when it is not there."""


class _SystemKeyring:
    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get(self, name: str) -> bytes | None:
        from keyring.errors import KeyringError

        try:
            text = self._backend.get_password(_SERVICE, name)
            return bytes.fromhex(text) if text else None
        except (KeyringError, ValueError, OSError):
            return None

    def put(self, name: str, secret: bytes) -> bool:
        from keyring.errors import KeyringError

        try:
            self._backend.set_password(_SERVICE, name, secret.hex())
        except (KeyringError, OSError):
            return False
        return self.get(name) == secret

    def remove(self, name: str) -> None:
        from keyring.errors import KeyringError

        with contextlib.suppress(KeyringError, OSError):
            self._backend.delete_password(_SERVICE, name)


def system_keyring() -> KeyringLike | None:
    """The key store of this user on this computer; None where there is none worth using.

    Set QINGCHA_NO_KEYRING to go without it.
    """
    if os.environ.get("QINGCHA_NO_KEYRING"):
        return None
    try:
        # 130 ms to import and 160 ms to ask the desktop, measured: only when a notebook is made or opened.
        import keyring
        from keyring.backends import fail, null

        backend = keyring.get_keyring()
        usable = not isinstance(backend, fail.Keyring | null.Keyring) and backend.priority >= 1
    except Exception:  # a broken desktop session raises what it likes; the passphrase still opens
        return None
    return _SystemKeyring(backend) if usable else None
