"""What the system refuses is said in the reader's language; what it has no words of ours for, in its own."""

from __future__ import annotations

import errno
import os
import ssl
from pathlib import Path

import pytest

from models.errors import QingchaError, reason_of
from models.forms.load import load_untrusted
from models.language import in_language
from models.registry.files import write_or_refuse
from models.registry.sheets import rows_apart


def said(error: OSError, language: str = "zh") -> str:
    return in_language(language, lambda: str(reason_of(error)))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "没有这个文件或文件夹"),
        (errno.EACCES, "系统不允许（没有权限）"),
        (errno.EISDIR, "这是文件夹，不是文件"),
        (errno.ENOTDIR, "路径中有一段是文件，不是文件夹"),
        (errno.ENOSPC, "磁盘已满"),
        (errno.EEXIST, "已存在"),
    ],
)
def test_the_usual_ones_are_said_in_both_languages(number: int, words: str) -> None:
    error = OSError(number, os.strerror(number))
    assert said(error) == words
    assert said(error, "en").isascii()


def test_a_fault_of_tls_is_not_taken_for_one_of_files() -> None:
    """Its numbers begin with 1 too: what it says itself stays."""
    assert said(ssl.SSLError(1, "[SSL] bad record")) == "[SSL] bad record"
    assert said(ssl.SSLError(2, "want read")) == "want read"


def test_a_rare_one_is_said_in_the_systems_words() -> None:
    assert said(OSError(errno.EPIPE, "Broken pipe")) == "Broken pipe"
    assert said(OSError("by hand")) == "by hand"


def test_a_file_that_cannot_be_written_is_told_of_in_one_language(tmp_path: Path) -> None:
    with pytest.raises(QingchaError) as refused:
        write_or_refuse(tmp_path / "none" / "x.csv", b"x")
    assert "没有这个文件或文件夹" in in_language("zh", refused.value.text)
    assert "No such" not in in_language("zh", refused.value.text)


@pytest.mark.parametrize("read", [load_untrusted, rows_apart])
def test_a_child_hands_the_reason_back_in_the_language_of_who_reads_it(tmp_path: Path, read: object) -> None:
    with pytest.raises(QingchaError) as refused:
        read(tmp_path / "none.xlsx")  # type: ignore[operator]
    assert "没有这个文件或文件夹" in in_language("zh", refused.value.text)
    assert "there is no such file" in in_language("en", refused.value.text)
