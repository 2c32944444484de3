from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput, NotebookLocked, RuleBroken, StoreRefused, WrongPassphrase
from models.store import bech32, keys
from models.store.keys import FAST, Cost

GOOD = "测试口令12345"
OTHER = "另一个口令67890"
MORNING = 1_790_000_000_000


class Pocket:
    """A keyring in memory."""

    def __init__(self, *, takes: bool = True) -> None:
        self.held: dict[str, bytes] = {}
        self.takes = takes

    def get(self, name: str) -> bytes | None:
        return self.held.get(name)

    def put(self, name: str, secret: bytes) -> bool:
        if self.takes:
            self.held[name] = secret
        return self.takes

    def remove(self, name: str) -> None:
        self.held.pop(name, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def wrong_try(path: Path, now_ms: int) -> int:
    with pytest.raises(WrongPassphrase) as caught:
        keys.unlock(path, "不是这个口令啊", now_ms=now_ms)
    assert not isinstance(caught.value, keys.TooSoon)
    return caught.value.delay


def test_what_was_made_opens_again_with_the_same_keys(path: Path) -> None:
    made = keys.create(path, GOOD, cost=FAST)
    opened = keys.unlock(path, GOOD, now_ms=MORNING)
    assert opened.database_key() == made.database_key()
    assert opened.files_identity() == made.files_identity()
    assert opened.unwrap_signing_key(made.wrap_signing_key(b"private key")) == b"private key"


def test_two_notebooks_share_no_key(tmp_path: Path) -> None:
    one = keys.create(tmp_path / "one.json", GOOD, cost=FAST)
    two = keys.create(tmp_path / "two.json", GOOD, cost=FAST)
    assert one.database_key() != two.database_key()
    assert one.files_identity() != two.files_identity()


def test_the_keys_for_different_purposes_differ_and_are_not_in_the_file(path: Path) -> None:
    made = keys.create(path, GOOD, cost=FAST)
    derived = {made.raw(), made.database_key(), made.derive(b"files"), made.derive(b"seal")}
    assert len(derived) == 4
    content = path.read_bytes()
    import base64

    for secret in derived:
        assert secret not in content
        assert base64.b64encode(secret) not in content
        assert secret.hex().encode() not in content


def test_the_key_file_is_for_its_owner_only_and_leaves_no_temp_file(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    keys.unlock(path, GOOD, now_ms=MORNING)
    assert path.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in path.parent.iterdir()} == {path.name, "keys.json.lock"}


def test_a_second_notebook_never_overwrites_the_keys_of_the_first(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    before = path.read_bytes()
    with pytest.raises(StoreRefused):
        keys.create(path, OTHER, cost=FAST)
    assert path.read_bytes() == before


@pytest.mark.parametrize("short", ["", "1234567", "口令口令口令口", "e\u0301" * 7])
def test_a_short_passphrase_is_refused_before_anything_is_written(path: Path, short: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        keys.create(path, short, cost=FAST)
    assert caught.value.field == "passphrase"
    assert not path.exists()


def test_text_that_is_not_text_is_refused_as_a_passphrase(path: Path) -> None:
    with pytest.raises(RuleBroken):
        keys.create(path, "abcdefgh\ud800", cost=FAST)
    keys.create(path, GOOD, cost=FAST)
    with pytest.raises(WrongPassphrase):
        keys.unlock(path, "abcdefgh\ud800", now_ms=MORNING)


def test_the_keyboard_s_unicode_form_does_not_matter(path: Path) -> None:
    composed = unicodedata.normalize("NFC", "Übergrößé12")
    keys.create(path, composed, cost=FAST)
    keys.unlock(path, unicodedata.normalize("NFD", composed), now_ms=MORNING)


def test_the_wait_doubles_up_to_five_minutes_and_outlives_a_restart(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    now, delays = MORNING, []
    for _ in range(12):
        delays.append(wrong_try(path, now))
        now += delays[-1] * 1000
    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_during_the_wait_even_the_right_passphrase_is_not_looked_at(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    wrong_try(path, MORNING)
    wrong_try(path, MORNING + 1000)
    with pytest.raises(keys.TooSoon) as caught:
        keys.unlock(path, GOOD, now_ms=MORNING + 1001)
    assert caught.value.delay == 2
    assert "2" in caught.value.text()
    assert keys.wait_left(path, MORNING + 2500) == 1
    assert keys.wait_left(path, MORNING + 3000) == 0
    keys.unlock(path, GOOD, now_ms=MORNING + 3000)


def test_asking_during_the_wait_does_not_make_it_longer(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    wrong_try(path, MORNING)
    for _ in range(5):
        with pytest.raises(keys.TooSoon):
            keys.unlock(path, "不是这个口令啊", now_ms=MORNING + 500)
    assert wrong_try(path, MORNING + 1000) == 2


def test_the_right_passphrase_ends_the_count(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    wrong_try(path, MORNING)
    keys.unlock(path, GOOD, now_ms=MORNING + 1000)
    assert wrong_try(path, MORNING + 1001) == 1


def test_a_clock_set_back_by_years_locks_nobody_out(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    for step in range(4):
        wrong_try(path, MORNING + step * 300_000)
    years_ago = MORNING - 10**11
    with pytest.raises(keys.TooSoon) as caught:
        keys.unlock(path, GOOD, now_ms=years_ago)
    assert caught.value.delay == 8
    keys.unlock(path, GOOD, now_ms=years_ago + 8000)


def test_a_try_counts_though_the_program_dies_while_it_is_checked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.create(path, GOOD, cost=FAST)

    def dies(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keys, "_wrapping_key", dies)
        with pytest.raises(KeyboardInterrupt):
            keys.unlock(path, GOOD, now_ms=MORNING)
    assert keys.wait_left(path, MORNING) == 1


def test_too_little_memory_is_said_and_costs_no_try(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.create(path, GOOD, cost=FAST)

    def starves(*_: object) -> bytes:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(keys, "_wrapping_key", starves)
        with pytest.raises(StoreRefused):
            keys.unlock(path, GOOD, now_ms=MORNING)
    assert keys.wait_left(path, MORNING) == 0


def test_a_changed_passphrase_opens_the_same_keys_and_the_old_one_nothing(path: Path) -> None:
    pair = keys.make_recovery_pair()
    made = keys.create(path, GOOD, cost=FAST, recovery_recipient=pair.recipient)
    keys.change_passphrase(path, GOOD, OTHER, now_ms=MORNING)
    assert keys.unlock(path, OTHER, now_ms=MORNING).database_key() == made.database_key()
    with pytest.raises(WrongPassphrase):
        keys.unlock(path, GOOD, now_ms=MORNING)
    assert keys.recovery_recipient(path) == pair.recipient


def test_a_new_passphrase_too_short_changes_nothing(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    with pytest.raises(RuleBroken):
        keys.change_passphrase(path, GOOD, "short", now_ms=MORNING)
    keys.unlock(path, GOOD, now_ms=MORNING)


def test_a_forgotten_passphrase_is_recovered_with_the_agency_s_key(path: Path) -> None:
    pair = keys.make_recovery_pair()
    made = keys.create(path, GOOD, cost=FAST)
    assert keys.recovery_recipient(path) is None
    with pytest.raises(StoreRefused):
        keys.recover(path, pair.identity, OTHER)
    keys.set_recovery(path, made, pair.recipient)
    wrong_try(path, MORNING)
    recovered = keys.recover(path, pair.identity + "\n", OTHER)
    assert recovered.database_key() == made.database_key()
    assert keys.unlock(path, OTHER, now_ms=MORNING).files_identity() == made.files_identity()


def test_another_agency_s_key_recovers_nothing(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST, recovery_recipient=keys.make_recovery_pair().recipient)
    before = path.read_bytes()
    for identity in (keys.make_recovery_pair().identity, "AGE-SECRET-KEY-1WRONG", "", "age1nothing"):
        with pytest.raises(BadInput):
            keys.recover(path, identity, OTHER)
    assert path.read_bytes() == before


def test_a_recovery_copy_of_another_notebook_is_noticed(tmp_path: Path) -> None:
    pair = keys.make_recovery_pair()
    mine, theirs = tmp_path / "mine.json", tmp_path / "theirs.json"
    keys.create(mine, GOOD, cost=FAST, recovery_recipient=pair.recipient)
    keys.create(theirs, GOOD, cost=FAST, recovery_recipient=pair.recipient)
    swapped = json.loads(mine.read_text()) | {"recovery": json.loads(theirs.read_text())["recovery"]}
    mine.write_text(json.dumps(swapped))
    with pytest.raises(BadInput):
        keys.recover(mine, pair.identity, OTHER)


def test_a_private_key_is_not_taken_for_a_recipient(path: Path) -> None:
    with pytest.raises(BadInput):
        keys.create(path, GOOD, cost=FAST, recovery_recipient=keys.make_recovery_pair().identity)
    assert not path.exists()


def test_with_a_keyring_the_file_and_the_passphrase_alone_open_nothing(path: Path) -> None:
    pocket = Pocket()
    made = keys.create(path, GOOD, cost=FAST, keyring=pocket)
    assert keys.takes_part(path)
    assert keys.unlock(path, GOOD, keyring=pocket, now_ms=MORNING).database_key() == made.database_key()
    with pytest.raises(StoreRefused):
        keys.unlock(path, GOOD, now_ms=MORNING)
    with pytest.raises(StoreRefused):
        keys.unlock(path, GOOD, keyring=Pocket(), now_ms=MORNING)
    assert keys.wait_left(path, MORNING) == 0, "a missing keyring is nobody's wrong try"
    pocket.held = dict.fromkeys(pocket.held, bytes(32))
    with pytest.raises(WrongPassphrase):
        keys.unlock(path, GOOD, keyring=pocket, now_ms=MORNING)


def test_a_lost_keyring_is_recovered_with_the_agency_s_key(path: Path) -> None:
    pair = keys.make_recovery_pair()
    made = keys.create(path, GOOD, cost=FAST, keyring=Pocket(), recovery_recipient=pair.recipient)
    assert keys.recover(path, pair.identity, OTHER).database_key() == made.database_key()
    assert not keys.takes_part(path)
    keys.unlock(path, OTHER, now_ms=MORNING)


def test_a_keyring_that_keeps_nothing_is_not_relied_on(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST, keyring=Pocket(takes=False))
    assert not keys.takes_part(path)
    keys.unlock(path, GOOD, now_ms=MORNING)


def test_a_keyring_found_later_takes_part_from_the_next_change_of_passphrase(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    pocket = Pocket()
    keys.change_passphrase(path, GOOD, OTHER, keyring=pocket, now_ms=MORNING)
    assert keys.takes_part(path)
    keys.change_passphrase(path, OTHER, GOOD, keyring=pocket, now_ms=MORNING)
    assert len(pocket.held) == 1
    keys.unlock(path, GOOD, keyring=pocket, now_ms=MORNING)


def test_no_keyring_is_asked_where_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGCHA_NO_KEYRING", "1")
    script = (
        "import sys; from models.store import keys; print(keys.system_keyring(), 'keyring' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "False"]


def test_a_forgotten_data_key_gives_nothing_more() -> None:
    data_key = keys.DataKey(bytes(range(32)))
    held = data_key._secret
    assert "0" not in repr(data_key)
    data_key.forget()
    data_key.forget()
    assert not any(held)
    for use in (data_key.database_key, data_key.files_identity, lambda: data_key.wrap_signing_key(b"x")):
        with pytest.raises(NotebookLocked):
            use()


def test_a_signing_key_wrapped_under_another_data_key_is_refused() -> None:
    wrapped = keys.DataKey(bytes(32)).wrap_signing_key(b"private")
    other = keys.DataKey(bytes(range(32)))
    for damaged in (wrapped, b"", wrapped[:20]):
        with pytest.raises(StoreRefused):
            other.unwrap_signing_key(damaged)


@given(st.binary(min_size=32, max_size=32))
def test_the_derived_age_key_is_what_age_itself_would_write(secret: bytes) -> None:
    text = bech32.encode("age-secret-key-", secret).upper()
    identity = pyrage.x25519.Identity.from_str(text)
    assert str(identity) == text
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    assert str(identity.to_public()) == bech32.encode("age", public)


@given(st.data())
def test_any_changed_byte_of_the_key_file_opens_nothing_false(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    made = keys.create(path, GOOD, cost=FAST)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        opened = keys.unlock(path, GOOD, now_ms=MORNING)
    except (StoreRefused, WrongPassphrase):
        return
    assert opened.database_key() == made.database_key()


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000, b'{"version": "1"}', b'{"version": 1}'],
)
def test_a_file_that_is_no_key_file_is_called_damaged(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreRefused):
        keys.unlock(path, GOOD, now_ms=MORNING)


@pytest.mark.parametrize("cost", [Cost(2**40, 1, 1), Cost(64, 10**9, 1), Cost(64, 1, 10**6), Cost(1, 1, 1)])
def test_a_file_that_asks_for_a_senseless_cost_is_called_damaged(path: Path, cost: Cost) -> None:
    keys.create(path, GOOD, cost=FAST)
    document = json.loads(path.read_text())
    document["argon2id"] |= {
        "memory_kib": cost.memory_kib,
        "iterations": cost.iterations,
        "lanes": cost.lanes,
    }
    path.write_text(json.dumps(document))
    with pytest.raises(StoreRefused):
        keys.unlock(path, GOOD, now_ms=MORNING)


def test_a_newer_version_s_file_is_refused_and_its_extra_members_are_kept(path: Path) -> None:
    keys.create(path, GOOD, cost=FAST)
    document = json.loads(path.read_text()) | {"tpm": "later"}
    path.write_text(json.dumps(document))
    keys.change_passphrase(path, GOOD, OTHER, now_ms=MORNING)
    assert json.loads(path.read_text())["tpm"] == "later"
    path.write_text(json.dumps(document | {"version": 2}))
    with pytest.raises(StoreRefused) as caught:
        keys.unlock(path, GOOD, now_ms=MORNING)
    assert "newer" in caught.value.msgid


def test_a_missing_key_file_and_a_folder_without_rights_say_what_is_wrong(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreRefused):
        keys.unlock(path, GOOD, now_ms=MORNING)
    keys.create(path, GOOD, cost=FAST)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys, "write_whole", full)
    with pytest.raises(StoreRefused) as caught:
        keys.unlock(path, GOOD, now_ms=MORNING)
    assert "磁盘已满" in caught.value.text()


def test_the_standing_cost_is_what_the_security_notes_promise() -> None:
    assert Cost() == keys.STANDARD == Cost(memory_kib=256 * 1024, iterations=3, lanes=4)
