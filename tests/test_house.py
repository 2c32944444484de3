"""The house rules that a machine can check."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from models.version import VERSION

ROOT = Path(__file__).parent.parent
ROOMS = ("models", "sync", "tui")


def sources() -> list[Path]:
    return [path for room in (*ROOMS, "tests") for path in (ROOT / room).rglob("*.py")] + [ROOT / "main.py"]


def test_nothing_below_tui_imports_textual():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for room in ("models", "sync")
        for path in (ROOT / room).rglob("*.py")
        if path.stem != "__main__"
    ]
    script = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "found = [name for name in sys.modules if name.split('.')[0] in ('textual', 'rich')]\n"
        "assert not found, found"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_package_files_import_nothing(room):
    for path in (ROOT / room).rglob("__init__.py"):
        assert not re.search(r"^\s*(import|from)\s", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_no_file_is_longer_than_five_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): n
        for path in sources()
        if (n := len(path.read_text("utf-8").splitlines())) > 500
    }
    assert long == {}


def test_the_version_that_sealed_records_name_is_that_of_the_project():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert told == VERSION


NAMED_HOSTS = {
    "127.0.0.1",
    "10.0.0.2",
    "device.invalid",
    "example.com",
    "example.org",
    "sync.example.cn",
    "openrosa.org",
    "www.apache.org",
    "www.opendatakit.org",
    "www.w3.org",
    "HOST",
}
"""Examples, the licence, namespaces of SVG and of forms. Nothing else on the network is named by a file."""


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.match(r"[A-Za-z0-9_-]+", line).group().lower() for line in named} - {"qingcha"}
    told = set(
        re.findall(r"^\| `([a-z0-9_-]+)`", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.MULTILINE)
    )
    assert told == names


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_the_lock_is_names_versions_and_hashes_alone(name):
    """Where libraries come from is for the machine that installs to say: no line of another kind is taken."""
    package = r"[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==\S+( ; [^\\]+)? \\"
    line = re.compile(rf"({package}|    --hash=sha256:[0-9a-f]{{64}}( \\)?|    # .*)?")
    lock = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [each for each in lock if not line.fullmatch(each)] == []
    assert any("--hash=" in each for each in lock)


def test_no_file_names_what_its_users_do_not_have():
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout
    tracked = [ROOT / name.decode() for name in names.split(b"\0") if name]
    if not tracked:
        pytest.skip("not a git checkout")
    # after a bracket it is a step of an XPath: the rows of a list lie there
    machine = re.compile("/" + r"work/|\.\./" + r"shared|(?<!\))/" + r"root/")
    guilty = []
    for path in tracked:
        if path.suffix in {".png", ".docx", ".xlsx", ".jpg"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        hosts = set(re.findall(r"https?://([A-Za-z0-9][A-Za-z0-9.-]+)", text))
        if machine.search(text) or not hosts <= NAMED_HOSTS:
            guilty.append(f"{path.relative_to(ROOT)} {sorted(hosts - NAMED_HOSTS)}")
    assert guilty == []
