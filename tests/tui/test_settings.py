"""The settings file: what is written is read, what is wrong is the default."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.settings import THEMES, Settings, load, save, settings_path, with_key

texts = st.text(st.characters(codec="utf-8"), max_size=30)


@given(
    st.sampled_from(["zh", "en"]),
    st.sampled_from(THEMES),
    st.integers(0, 240),
    texts,
    st.dictionaries(texts.filter(bool), texts, max_size=4),
)
def test_what_is_saved_is_loaded(tmp_path_factory, language, theme, minutes, server, keys):
    path = tmp_path_factory.mktemp("settings") / "settings.toml"
    chosen = Settings(language, theme, minutes, server, "book", keys)
    save(path, chosen)
    assert load(path) == chosen


@pytest.mark.parametrize("text", ["", "not toml [", 'theme = "pink"\nlock_minutes = -4\nkeys = 3', "\x00"])
def test_a_broken_file_gives_the_defaults(tmp_path, text):
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    found = load(path)
    assert (found.theme, found.lock_minutes, dict(found.keys)) == ("day", 5, {})


def test_an_empty_key_gives_the_default_back():
    chosen = with_key(Settings(), "today.start", "w")
    assert chosen.keys == {"today.start": "w"}
    assert with_key(chosen, "today.start", "").keys == {}


def test_the_folder_of_the_environment_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "settings.toml"
