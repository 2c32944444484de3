"""qc-draw-1: the same list and seed give the same, and anyone repeats it with sha256sum."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.planning import drawing
from models.planning.drawing import DrawList, Person

ROOT = Path(__file__).parents[3]


def made(
    sites: int, officers: int, wanted: int, *, apart: frozenset[tuple[str, str]] = frozenset(), **plan: str
):
    people = [
        Person(f"o{at}", "350602" if at % 2 else "350603", f"C{at:03d}", f"执法员{at}")
        for at in range(officers)
    ]
    return DrawList(
        {"unit": "350602", drawing.WANTED: str(wanted), drawing.OTHER_UNITS: "no", **plan},
        {f"s{at}": f"示例企业 {at}" for at in range(sites)},
        {each.id: each for each in people},
        apart,
        ("示例停产厂：关停",),
    )


LIST = made(7, 5, 4, apart=frozenset({("o1", "s2"), ("o3", "s2")}))


def test_what_a_list_and_a_seed_draw_never_changes():
    """Fixed for ever: another algorithm takes another name."""
    assert drawing.list_hash(LIST.text) == (
        "bbf718789930dc207a8fc54e97210708040ef89b54c4c3fbd6210f6402204e36"
    )
    assert [each.line for each in drawing.draw(LIST.text, "2026136 03 09 17 22 28 31 05")] == [
        "s3 o2 o0",
        "s2 o4 o2",
        "s4 o3 o1",
        "s1 o1 o3",
    ]


sizes = st.integers(2, 9)


@given(
    st.integers(1, 30), sizes, st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1)
)
def test_each_site_once_two_certificates_and_even_loads(sites: int, officers: int, seed: str):
    found = made(sites, officers, sites)
    drawn = drawing.draw(found.text, seed)
    assert sorted(each.site for each in drawn) == sorted(found.sites)
    given_out = Counter(one for each in drawn for one in (each.first, each.second))
    assert all(each.first != each.second for each in drawn)
    loads = [given_out[each] for each in found.officers]
    assert max(loads) - min(loads) <= 1
    assert drawing.draw(found.text, seed) == drawn


@given(st.data())
def test_who_must_withdraw_is_never_drawn_there_and_units_are_mixed_where_asked(data: st.DataObject):
    sites, officers = data.draw(st.integers(1, 12)), data.draw(st.integers(4, 9))
    apart = data.draw(
        st.frozensets(
            st.tuples(st.sampled_from(["o0", "o1"]), st.sampled_from([f"s{at}" for at in range(sites)]))
        )
    )
    mixed = data.draw(st.booleans())
    found = made(sites, officers, sites, apart=apart, **{drawing.OTHER_UNITS: "yes" if mixed else "no"})
    people = found.officers
    if not all(drawing.has_pair(found, each) for each in found.sites):
        with pytest.raises(BadInput):
            drawing.draw(found.text, "seed")
        return
    for each in drawing.draw(found.text, "seed"):
        assert not {(each.first, each.site), (each.second, each.site)} & apart
        assert not mixed or people[each.first].unit != people[each.second].unit


def test_every_site_is_as_likely_as_another():
    found = made(10, 4, 3)
    counted = Counter(each.site for at in range(2000) for each in drawing.draw(found.text, f"seed {at}"))
    assert len(counted) == 10
    # 600 each on the average, with a standard deviation of 20.5
    assert all(500 < count < 700 for count in counted.values()), counted


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("示例企业 3", "示例企业 4"),
        lambda text: text.replace("wanted 4", "wanted 5"),
        lambda text: text.replace("C001", "C009"),
    ],
)
def test_a_changed_list_has_another_hash(change):
    assert drawing.list_hash(change(LIST.text)) != drawing.list_hash(LIST.text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "qc-draw-2\n",
        LIST.text.rstrip("\n"),
        LIST.text.replace("site s1 ", "place s1 "),
        LIST.text.replace("wanted 4", "wanted vier"),
        LIST.text.replace("wanted 4\n", ""),
        LIST.text + "site s9 后补\n",
        LIST.text.replace("site s1 示例企业 1\nsite s2 示例企业 2", "site s2 示例企业 2\nsite s1 示例企业 1"),
        LIST.text.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_list_is_refused(text: str):
    with pytest.raises(BadInput):
        drawing.read(text)


def test_a_list_reads_back():
    assert drawing.read(LIST.text) == LIST
    assert drawing.read_result(drawing.write_result(drawing.draw(LIST.text, "x"))) == drawing.draw(
        LIST.text, "x"
    )


@pytest.mark.parametrize("page", ["draw.md", "draw.zh-CN.md"])
@pytest.mark.parametrize("mixed", [False, True])
def test_the_shell_of_the_page_draws_the_same(page: str, mixed: bool, tmp_path: Path):
    if shutil.which("bash") is None or shutil.which("sha256sum") is None:
        pytest.skip("bash or sha256sum is not installed")
    found = made(9, 6, 7, apart=LIST.withdrawn, **{drawing.OTHER_UNITS: "yes" if mixed else "no"})
    (tmp_path / "list.txt").write_bytes(found.text.encode())
    page_text = (ROOT / "docs" / page).read_text("utf-8")
    (script,) = re.findall(r"^```bash\n(.*?)^```", page_text, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=tmp_path,
        env={"seed": "福彩 2026136", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = [each.line for each in drawing.draw(found.text, "福彩 2026136")]
    assert done.stdout.splitlines() == wanted
