"""VERIFY.html, written apart from the other verifiers, run by Node where it is installed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.proof.checking import check
from sync.proof.reading import Held
from sync.server import certificates

from .judges import HAS_NODE, PAGE, Page
from .made import Case

pytestmark = pytest.mark.skipif(not HAS_NODE, reason="node is not installed")


@pytest.fixture(scope="module")
def page(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    root = tmp_path_factory.mktemp("page") / "root.crt"
    root.write_bytes(case.root)
    made = Page(root)
    yield made
    made.close()


@pytest.mark.parametrize("name", ["logged", "amendment", "waiting", "stranger"])
def test_it_says_the_same(case: Case, page: Page, name: str) -> None:
    said = page.says(case.packages[name])
    found = check(Held(case.members(name)), case.root)
    assert (said["answer"], said["logged"]) == (found.answer, found.logged), said
    chinese = [zh for zh, _english in said["lines"]]
    assert chinese[-1] == found.sentences()[-1].rstrip("。")
    assert [line[:3] for line in chinese[1:]] == [line[:3] for line in found.sentences()[1:]]


def test_another_root_vouches_for_nothing(case: Case, tmp_path: Path) -> None:
    _, other = certificates.make_authority("演示生态环境局", 1_795_400_000_000)
    (tmp_path / "root.crt").write_bytes(other)
    made = Page(tmp_path / "root.crt")
    assert made.says(case.packages["logged"])["answer"] == "false"
    made.close()


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 70_001])
def test_its_sm3_is_that_of_the_standard(page: Page, size: int, tmp_path: Path) -> None:
    data = bytes(number * 7 % 256 for number in range(size))
    (tmp_path / "data").write_bytes(data)
    assert page.says(f"sm3 {tmp_path / 'data'}") == hashlib.new("sm3", data).hexdigest()


def test_it_cannot_reach_a_network() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(|src=|https?://", text)
