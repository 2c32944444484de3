"""What is exported lands in a new file where the user asked, and nowhere else."""

from __future__ import annotations

import pytest

from models.errors import BadInput
from models.registry.files import put_out


def test_a_new_file_is_written_whole_and_for_this_user_only(notebook, tmp_path):
    target = put_out(notebook, tmp_path / "out.csv", b"a,b\n")
    assert target.read_bytes() == b"a,b\n"
    assert target.stat().st_mode & 0o077 == 0


def test_a_file_that_is_there_is_never_written_over(notebook, tmp_path):
    target = tmp_path / "precious.xlsx"
    target.write_bytes(b"precious")
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "nowhere.csv")
    for each in (target, link, tmp_path):
        with pytest.raises(BadInput):
            put_out(notebook, each, b"new")
    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "nowhere.csv").exists()


def test_nothing_in_plain_goes_into_the_notebooks_folder(notebook, tmp_path):
    home = notebook.path.parent
    (home / "deeper").mkdir()
    (tmp_path / "way").symlink_to(home)
    for folder in (home, home / "deeper", tmp_path / "way"):
        with pytest.raises(BadInput):
            put_out(notebook, folder / "plain.csv", b"plain")
    assert not list(home.rglob("plain.csv"))


def test_a_folder_that_is_not_there_is_said(notebook, tmp_path):
    with pytest.raises(BadInput):
        put_out(notebook, tmp_path / "none" / "out.csv", b"x")
