"""Where a server keeps what when its own folder is too small, and what it asks of the people who use it.

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
_ALWAYS = ("database", "files", "tsa", "tsa_root")
"""What `server.toml` says even where it is empty."""
_MOST_HOURS = 31 * 24
_EXAMPLES = {"code_hours": "12", "two_persons": "true"}
_TEXT = '"…"'
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
    code_hours: int = 12
    """For how long a person's code holds on one device, from 1 to 744 hours; read when the server starts."""
    two_persons: bool = False
    """Whether two persons decide on what takes something away for good (`two_persons`)."""
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
            return cls(**told).checked()
        except FileNotFoundError:
            return cls()
        except BadInput as error:
            raise StoreRefused(error.msgid, **error.params) from error
        except (OSError, ValueError, TypeError) as error:
            raise StoreRefused(
                N_("{name} cannot be read. It says where the server keeps what."), name=FILE
            ) from error

    def write(self, folder: Path) -> None:
        """Keep them in a server's folder."""
        told = {name: getattr(self, name) for name in self.__slots__}
        lines = [
            f"{name} = {json.dumps(value)}\n"
            for name, value in told.items()
            if name in _ALWAYS or value != getattr(_DEFAULT, name)  # others, older servers do not read
        ]
        write_whole(folder / FILE, "".join(lines).encode())

    def of_backup(self) -> Settings:
        """What a backup of this server says: all is in its folder, where it was before, and who stamps it."""
        return Settings(
            tsa=self.tsa,
            tsa_root=self.tsa_root,
            code_hours=self.code_hours,
            two_persons=self.two_persons,
            former_database=without_password(self.database),
            former_files=self.files,
        )

    def checked(self) -> Settings:
        """The same.

        Raises:
            BadInput: an address is not of a kind that is known, or a value is none that can be.
        """
        for name in self.__slots__:
            if type(getattr(self, name)) is not type(getattr(_DEFAULT, name)):
                raise BadInput(
                    N_("{name} in server.toml cannot be {value}. Write it as {example}."),
                    name=name,
                    value=json.dumps(getattr(self, name), default=str),
                    example=f"{name} = {_EXAMPLES.get(name, _TEXT)}",
                )
        if not 1 <= self.code_hours <= _MOST_HOURS:
            raise BadInput(
                N_("code_hours in server.toml is a number of hours from 1 to {most}."), most=_MOST_HOURS
            )
        if self.database and not self.database.startswith(SCHEME):
            raise BadInput(N_("Give the database's address, such as postgresql://qingcha@127.0.0.1/qingcha."))
        if self.files and not self.files.startswith(STORAGE):
            raise BadInput(N_("Give the bucket of the files, such as s3://qingcha/evidence."))
        if self.tsa and not self.tsa.startswith(("http://", "https://")):
            raise BadInput(
                N_("Give the time-stamping authority's address, beginning with http:// or https://.")
            )
        return self


_DEFAULT = Settings()


def without_password(address: str) -> str:
    """A database's address as it may be shown."""
    scheme, slashes, rest = address.partition("://")
    host, mark, more = _END_OF_HOST.match(rest).groups()  # type: ignore[union-attr]
    user, at, host = host.rpartition("@")
    path, asks, query = (mark + more).partition("?")
    kept = "&".join(each for each in query.split("&") if not each.lower().startswith(_SECRETS))
    return f"{scheme}{slashes}{user.partition(':')[0]}{at}{host}{path}{asks if kept else ''}{kept}"
