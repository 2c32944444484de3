"""Where papers are written and how they are opened for printing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

OFFICE = ("soffice", "libreoffice", "wps", "winword")
FOLDERS = ("Documents", "文档", "我的文档")


def default_folder() -> Path:
    """The person's folder for documents, else their home."""
    home = Path.home()
    return next((home / name for name in FOLDERS if (home / name).is_dir()), home)


def file_name(number: str, paper: str, suffix: str) -> str:
    """A name that every file system takes."""
    name = re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "_", f"{number} {paper}".strip()).strip("._")
    return (name or "paper") + suffix


@lru_cache(maxsize=1)
def office_program() -> str:
    """What opens a .docx; empty where there seems to be nothing."""
    if sys.platform in ("win32", "darwin"):
        return "open"  # both have a program for it or offer one
    return next((name for name in OFFICE if shutil.which(name)), "")


def open_outside(path: Path) -> bool:
    """Open a file in the program that the desktop has for it; False where there is no desktop."""
    if sys.platform == "win32":
        import os

        os.startfile(path)
        return True
    program = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if program is None:
        return False
    try:
        # the desktop's opener, by its full path, with a path of our own making and no shell
        subprocess.Popen(
            [program, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
