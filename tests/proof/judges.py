"""The verifiers, each on its own: what they answer on the same package."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sync.proof import layout
from sync.proof.checking import check
from sync.proof.reading import Folder, Held, NotOurs

ANSWERS = {0: "genuine", 1: "false", 2: "unknown"}
SCRIPT = Path(layout.__file__).parent / layout.SCRIPT
HAS_TOOLS = all(shutil.which(tool) for tool in ("bash", "openssl", "xxd", "base32", "sha256sum"))


def unpack(members: dict[str, bytes], folder: Path, link: str = "") -> Path:
    """Write members as an unzip program would; one of them as a symbolic link to its content elsewhere."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == link:
            target = folder.with_name(f"{folder.name}.target")
            target.write_bytes(data)
            path.symlink_to(target)
        else:
            path.write_bytes(data)
    return folder


PAGE = Path(layout.__file__).parent / "VERIFY.html"
HAS_NODE = shutil.which("node") is not None


class Page:
    """The script of VERIFY.html in a Node process, one answer after another."""

    def __init__(self, root: Path) -> None:
        runner = Path(__file__).parent / "page.mjs"
        self._process = subprocess.Popen(
            ["node", str(runner), str(PAGE), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def says(self, asked: str | Path) -> Any:
        """What it says of a folder or a zip; of `sm3 FILE` that hash."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{asked}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)


def by_python(members: dict[str, bytes], root: bytes) -> str:
    """The answer of `sync.proof` on members in memory."""
    return check(Held(members), root).answer


def by_python_of(folder: Path, root: bytes) -> str:
    """The same on an unpacked package."""
    try:
        return check(Folder(folder), root).answer
    except NotOurs:
        return "false"


def by_script(folder: Path, root: Path, *more: str) -> tuple[int, str]:
    """Exit code and output of VERIFY.sh, our own copy, on an unpacked package."""
    done = subprocess.run(
        ["bash", str(SCRIPT), str(root.resolve()), *more],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr
