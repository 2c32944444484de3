"""PDF by the office program that is there: LibreOffice, with a time limit and a profile of its own.

Nothing here is needed for a paper: .docx and .html are always written. The program gets a folder of its own
for profile, input and output, which is removed afterwards; it is given no macro, no network printer and no
other file.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from models.errors import BadInput, reason_of
from models.language import N_

PROGRAMS = ("soffice", "libreoffice")
SECONDS = 120
"""How long one paper may take; a first start on a slow laptop takes half a minute."""


@lru_cache(maxsize=1)
def program() -> str:
    """The full path of the office program; empty where there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), "")


def pdf_of(docx: bytes, seconds: float = SECONDS) -> bytes:
    """A .docx as PDF.

    Args:
        seconds: after so long the program is ended.

    Raises:
        BadInput: there is no office program, it takes too long, or makes no PDF.
    """
    office = program()
    if not office:
        raise BadInput(
            N_(
                "PDF needs LibreOffice on this computer (the program soffice). Write .docx or .html instead, "
                "and print that to PDF."
            )
        )
    with tempfile.TemporaryDirectory(prefix="qingcha-pdf-") as name:
        folder = Path(name)
        source = folder / "paper.docx"
        source.touch(mode=0o600)
        source.write_bytes(docx)
        command = [
            office,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            str(folder),
            str(source),
        ]
        try:
            # the office program by its full path, with paths of our own making and no shell
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=seconds,
                check=False,
                cwd=folder,
            )
        except subprocess.TimeoutExpired as error:
            raise BadInput(
                N_("The office program took more than {seconds} s and was ended. Write .docx instead."),
                seconds=round(seconds),
            ) from error
        except OSError as error:
            raise BadInput(
                N_("The office program cannot be started ({reason}). Write .docx instead."),
                reason=reason_of(error),
            ) from error
        target = folder / "paper.pdf"
        data = target.read_bytes() if target.is_file() else b""
        if not data.startswith(b"%PDF-"):
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise BadInput(
                N_("The office program made no PDF ({reason}). Write .docx instead."),
                reason=said[-1] if said else str(done.returncode),
            )
    return data
