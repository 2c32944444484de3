"""Where a server keeps its database and files when its own folder is too small for them.

`<folder>/server.toml`, made by `qingcha admin init --database … --files …`, readable by its owner only: an
address may hold a password. Without it everything is in the folder.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInput, StoreRefused
from models.language import N_
from models.store.durable import write_whole
from models.store.postgres import SCHEME
from sync.server.storage import SCHEME as STORAGE

FILE = "server.toml"
_END_OF_HOST = re.compile(r"([^/?]*)([/?]?)(.*)", re.DOTALL)
_SECRETS = ("password=", "sslpassword=")


@dataclass(frozen=True, slots=True)
class Settings:
    """What `server.toml` says; empty is the server's own folder."""

    database: str = ""
    """`postgresql://…`"""
    files: str = ""
    """`s3://bucket/prefix`"""
    tsa: str = ""
    """Address of a time-stamping authority (RFC 3161): `http://…` or `https://…`."""
    tsa_root: str = ""
    """File of its root certificate (PEM): a stamp that it does not vouch for is not kept."""
    former_database: str = ""
    """In a backup, which holds all in its folder: where the journal of its server was, without a password."""
    former_files: str = ""
    """Likewise of the files."""

    @classmethod
    def read(cls, folder: Path) -> Settings:
        """The settings of a server's folder.

        Raises:
            StoreRefused: the file cannot be read as what it should be.
        """
        try:
            told = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
            return cls(**{name: str(value) for name, value in told.items()}).checked()
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, BadInput) as error:
            raise StoreRefused(
                N_("{name} cannot be read. It says where the server keeps what."), name=FILE
            ) from error

    def write(self, folder: Path) -> None:
        """Keep them in a server's folder."""
        told = {name: getattr(self, name) for name in self.__slots__}
        lines = [
            f"{name} = {json.dumps(value)}\n"
            for name, value in told.items()
            if value or not name.startswith("former_")  # which no server of before this version reads
        ]
        write_whole(folder / FILE, "".join(lines).encode())

    def of_backup(self) -> Settings:
        """What a backup of this server says: all is in its folder, where it was before, and who stamps it."""
        return Settings(
            tsa=self.tsa,
            tsa_root=self.tsa_root,
            former_database=without_password(self.database),
            former_files=self.files,
        )

    def checked(self) -> Settings:
        """The same.

        Raises:
            BadInput: an address is not of a kind that is known.
        """
        if self.database and not self.database.startswith(SCHEME):
            raise BadInput(N_("Give the database's address, such as postgresql://qingcha@127.0.0.1/qingcha."))
        if self.files and not self.files.startswith(STORAGE):
            raise BadInput(N_("Give the bucket of the files, such as s3://qingcha/evidence."))
        if self.tsa and not self.tsa.startswith(("http://", "https://")):
            raise BadInput(
                N_("Give the time-stamping authority's address, beginning with http:// or https://.")
            )
        return self


def without_password(address: str) -> str:
    """A database's address as it may be shown."""
    scheme, slashes, rest = address.partition("://")
    host, mark, more = _END_OF_HOST.match(rest).groups()  # type: ignore[union-attr]
    user, at, host = host.rpartition("@")
    path, asks, query = (mark + more).partition("?")
    kept = "&".join(each for each in query.split("&") if not each.lower().startswith(_SECRETS))
    return f"{scheme}{slashes}{user.partition(':')[0]}{at}{host}{path}{asks if kept else ''}{kept}"
