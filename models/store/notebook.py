"""The inspector's notebook: an encrypted folder, opened by passphrase, one device identity each.

<folder>/keys.json      the data key, wrapped (models.store.keys)
<folder>/notebook.db    journal and projections, SQLCipher
<folder>/evidence/      files by content hash, age format
"""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from models.errors import StoreRefused
from models.language import N_
from models.store import keys
from models.store.ballast import Ballast
from models.store.clock import Clock, now_ms
from models.store.durable import sync_folder
from models.store.entry import Entry
from models.store.home import beside
from models.store.keys import Cost, DataKey, KeyringLike
from models.store.locking import hold
from models.store.seat import Seat
from models.store.signer import Signer
from models.store.vault import Vault

DATABASE = "notebook.db"
KEYS = "keys.json"
_SIGNING_KEY = "signing_key"
_NEXT_KEY = "next_signing_key"
_FORMER_KEYS = "former_signing_keys"
"""Key of the fact under which keys this notebook wrote that have not said yet who follows them: JSON."""


class Notebook(Seat):
    """An open notebook. `Notebook.create` begins one, `Notebook.open` unlocks one."""

    folder: Path
    was_copied = False
    """Whether this opening found it to be a copy, so that it goes on under a key of its own (R6)."""
    ballast: Ballast | None = None
    """What is released when its disk is full."""

    @classmethod
    def create(
        cls,
        folder: Path,
        passphrase: str,
        *,
        person: str,
        unit: str,
        cost: Cost = keys.STANDARD,
        keyring: KeyringLike | None = None,
        clock: Clock | None = None,
        demo: bool = False,
    ) -> Notebook:
        """Begin a notebook with a device key of its own; no server is needed.

        Args:
            folder: made when missing; must hold no notebook.
            passphrase: what unlocks it.
            person: record id of the officer it belongs to (write the officer record next).
            unit: code of the home unit.
            cost: what one guess at the passphrase costs.
            keyring: takes part in the key when given.
            clock: for tests.
            demo: practice only; papers bear 演示.

        Raises:
            RuleBroken: when the passphrase is too short.
            StoreRefused: when there is a notebook already.
        """
        if folder.exists() and any(folder.iterdir()):
            raise StoreRefused(N_("There is a notebook here already. Open it, or choose another folder."))
        # made beside its place and then moved there whole: one cut short leaves nothing that looks begun
        making = beside(folder, "making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        try:
            data_key = keys.create(making / KEYS, passphrase, cost=cost, keyring=keyring)
            signer = Signer.new()
            with contextlib.closing(Seat(making / DATABASE, data_key.database_key(), clock=clock)) as seat:
                seat._prepare()
                wrapped = data_key.wrap_signing_key(signer.private_bytes())
                with seat.writing():
                    seat.set_meta(
                        **{"demo": str(int(demo)), _SIGNING_KEY: base64.b64encode(wrapped).decode()}
                    )
                    seat._begin(signer, unit, person)
            if folder.exists():
                folder.rmdir()
            making.rename(folder)
            sync_folder(folder.parent)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        notebook = cls._opened(folder, data_key, _lock(folder), clock)
        notebook.signer = signer
        return notebook

    @classmethod
    def open(
        cls,
        folder: Path,
        passphrase: str,
        *,
        keyring: KeyringLike | None = None,
        clock: Clock | None = None,
        ballast: Ballast | None = None,
    ) -> Notebook:
        """Unlock a notebook.

        Args:
            ballast: released where the disk is full, now or later; even to count a try takes room.

        Raises:
            WrongPassphrase: with the seconds to wait.
            StoreRefused: when it is missing, damaged, or open in another window.
        """
        try:
            notebook = cls._unlocked(folder, passphrase, keyring, clock)
        except StoreRefused as error:
            if ballast is None or not ballast.released_for(error):
                raise
            notebook = cls._unlocked(folder, passphrase, keyring, clock)
            notebook._made_room = True
        notebook.ballast = ballast
        return notebook

    @classmethod
    def _unlocked(
        cls, folder: Path, passphrase: str, keyring: KeyringLike | None, clock: Clock | None
    ) -> Notebook:
        if not (folder / DATABASE).exists():
            raise StoreRefused(N_("There is no notebook in this folder."))
        lock = _lock(folder)
        try:
            now = clock.wall_ms() if clock is not None else now_ms()
            data_key = keys.unlock(folder / KEYS, passphrase, keyring=keyring, now_ms=now)
            notebook = cls._opened(folder, data_key, lock, clock)
        except BaseException:
            lock.close()
            raise
        try:
            kept = notebook.meta(_SIGNING_KEY)
            if kept is None:
                raise StoreRefused(N_("The notebook's database is damaged: its device key is missing."))
            private = data_key.unwrap_signing_key(base64.b64decode(kept))
            notebook.signer = Signer.from_private_bytes(private)
        except BaseException:
            notebook.close()
            raise
        return notebook

    @classmethod
    def _opened(cls, folder: Path, data_key: DataKey, lock: IO[Any], clock: Clock | None) -> Notebook:
        notebook = cls(folder / DATABASE, data_key.database_key(), clock=clock)
        notebook.folder = folder
        notebook._data_key = data_key
        notebook._lock_file = lock
        notebook.vault = Vault(
            folder / "evidence",
            identity=data_key.files_identity().identity,
            recipients=notebook._recovery_recipients(),
        )
        notebook._prepare()
        return notebook

    def next_signer(self) -> Signer:
        """The key that this notebook goes on under where its chain has forked: the same one until it does."""
        kept = self.meta(_NEXT_KEY)
        if kept is not None:
            return Signer.from_private_bytes(self._data_key.unwrap_signing_key(base64.b64decode(kept)))
        signer = Signer.new()
        wrapped = self._data_key.wrap_signing_key(signer.private_bytes())
        self.set_meta(**{_NEXT_KEY: base64.b64encode(wrapped).decode()})
        return signer

    def rehome(self, common: int, *, also: Collection[int] = ()) -> list[Entry]:
        """Go on under `next_signer`, in a chain that carries this one's entries after `common` (R6).

        Args:
            common: number of the last entry that the server has of this chain.
            also: numbers up to it whose entries are carried all the same.

        Returns:
            The entries as they stand in the new chain.
        """
        signer = self.next_signer()
        with self.writing():
            self.set_meta(**{_SIGNING_KEY: self.meta(_NEXT_KEY), _NEXT_KEY: None})
            return self._rehomed(signer, common, also)

    def rehome_unasked(self, common: int, *, also: Collection[int] = ()) -> list[Entry]:
        """As `rehome`, before any server was asked: the key until now is kept to say then who follows it.

        What an answer may still be under way for (`next_signer`) another copy may hold too: the key is fresh.
        """
        with self.writing():
            former = [*json.loads(self.meta(_FORMER_KEYS) or "[]"), self.meta(_SIGNING_KEY)]
            self.set_meta(**{_NEXT_KEY: None, _FORMER_KEYS: json.dumps(former)})
            return self.rehome(common, also=also)

    def former_signers(self) -> list[Signer]:
        """The keys that have not said yet who follows them, the oldest first; mostly none."""
        kept = json.loads(self.meta(_FORMER_KEYS) or "[]")
        return [
            Signer.from_private_bytes(self._data_key.unwrap_signing_key(base64.b64decode(each)))
            for each in kept
        ]

    def forget_former_signers(self) -> None:
        """They have said it: nothing is signed by them any more."""
        self.set_meta(**{_FORMER_KEYS: None})

    def follows_unasked(self) -> bool:
        """Whether the server is still to certify this notebook's key."""
        return self.meta(_FORMER_KEYS) is not None

    vault: Vault
    _data_key: DataKey
    _lock_file: IO[Any]

    def refused(self, error: BaseException) -> StoreRefused:
        """As `Receiving.refused`; where the disk is full, room that was set aside is given back."""
        if self.ballast is not None and self.ballast.released_for(error):
            self._made_room = True
            return self.ballast.words()
        return super().refused(error)

    def made_room(self) -> bool:
        """As `Receiving.made_room`."""
        made, self._made_room = self._made_room, False
        return made

    _made_room = False

    def _recovery_recipients(self) -> list[str]:
        recipient = keys.recovery_recipient(self.folder / KEYS)
        return [recipient] if recipient else []

    def set_recovery(self, recipient: str) -> None:
        """Let the agency's recovery key open this notebook and, from now on, its evidence files.

        Raises:
            BadInput: when it is not an age recipient.
        """
        keys.set_recovery(self.folder / KEYS, self._data_key, recipient)
        self.vault.add_recipient(recipient)

    def change_passphrase(self, old: str, new: str, *, keyring: KeyringLike | None = None) -> None:
        """Wrap the data key under a new passphrase.

        Raises:
            WrongPassphrase: when the old one is wrong. RuleBroken: when the new one is too short.
        """
        keys.change_passphrase(self.folder / KEYS, old, new, keyring=keyring, now_ms=self.clock.wall_ms())

    def close(self) -> None:
        """Lock: close the database and drop the keys."""
        if self.closed:
            return
        super().close()
        self.vault.close()
        self._data_key.forget()
        self._lock_file.close()

    lock = close


def is_notebook(folder: Path) -> bool:
    """Whether the folder holds a notebook."""
    return (folder / DATABASE).exists() and (folder / KEYS).exists()


def _lock(folder: Path) -> IO[Any]:
    """Take the folder for this process, until the file is closed or the process ends.

    Raises:
        StoreRefused: when another process has it.
    """
    try:
        return hold(folder / "open.lock", wait=False)
    except BlockingIOError as error:
        raise StoreRefused(N_("This notebook is open in another window. Close it there first.")) from error
    except OSError as error:
        raise keys.unwritable(error) from error
