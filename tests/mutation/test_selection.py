"""What coverage and mutation are about is one list, and each file of it has tests that are run for both."""

from __future__ import annotations

import re

import pytest

from .__main__ import ROOT, asked_about, files


def test_the_list_names_files_that_are_there() -> None:
    assert {"models/store/entry.py", "models/law/water.py", "sync/proof/checking.py"} <= set(files())
    assert len(files()) >= 40


@pytest.mark.parametrize("file", files())
def test_each_file_has_tests_of_its_own(file: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^TESTS_OF_COVERAGE := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert found
    run = found[1].replace("\\\n", " ").split()
    assert asked_about(file)
    for test in asked_about(file):
        assert (ROOT / test).is_file(), test
        assert any(test == each or test.startswith(f"{each}/") for each in run), (
            f"{test} is not in make coverage"
        )
