"""Papers of measures: sealed as they read, printed from what was sealed; official numbers."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput, RuleBroken, StoreRefused
from models.inspections import canonical, verbs
from models.inspections import queries as visits
from models.inspections.onsite import lists, measures, papers
from models.registry import sealing
from models.store.change import new_id, put

from .test_measures import TAKEN, asked, taken


def issued(visit: Any, paper: str = "seal_decision") -> str:
    found = papers.draw_up(visit.notebook, taken(visit), paper)
    papers.issue(visit.notebook, found, on="2026-09-01")
    return found


def test_a_paper_is_drawn_up_read_and_then_issued_under_its_own_seal(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    paper = papers.draw_up(book, measure, "seal_decision")
    with pytest.raises(RuleBroken):
        papers.draw_up(book, measure, "seal_decision")
    with pytest.raises(RuleBroken):
        papers.draw_up(book, measure, "register_list")
    sealed = papers.issue(book, paper, on="2026-09-01")
    data = sealing.sealed_bytes(book, paper)
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == sealed.sha256
    said = canonical.decode(data)
    assert said["schema"] == "qingcha-paper-1"
    assert said["measure"]["reason"] == "雨水口旁私设暗管"
    assert said["items"][0]["name"] == "水泵"
    assert said["until"] == "2026-10-01"
    with pytest.raises(RuleBroken):
        papers.issue(book, paper)
    with pytest.raises(RuleBroken):
        papers.discard(book, paper, "误")


def test_what_was_issued_says_the_same_whatever_becomes_of_the_measure(visit: Any) -> None:
    book, paper = visit.notebook, issued(visit)
    row = papers.paper_of(book, paper)
    assert row is not None
    before = papers.content(book, row)
    measures.edit(book, row.measure or "", reason="改写的事由")
    measures.release(book, row.measure or "", reason="改正", on="2026-09-10")
    assert papers.content(book, row) == before
    assert papers.live_content(book, row)["measure"]["reason"] == "改写的事由"


def test_a_laptop_without_the_sealed_bytes_reads_the_same_from_the_record(
    visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, paper = visit.notebook, issued(visit)
    row = papers.paper_of(book, paper)
    assert row is not None
    whole = papers.content(book, row)

    def not_here(_seat: Any, _record: str) -> bytes:
        raise StoreRefused("no such file")

    monkeypatch.setattr(papers, "sealed_bytes", not_here)
    assert papers.content(book, row).items() <= whole.items()
    assert {"measure", "items", "officers", "basis", "until", "paper", "issued_on"} <= set(
        papers.content(book, row)
    )
    row.content = None
    with pytest.raises(BadInput, match="制发它的电脑"):
        papers.content(book, row)


def test_an_approval_sheet_waits_for_no_approval_but_a_notice_does(visit: Any) -> None:
    book = visit.notebook
    measure = asked(visit, "inspect", planned_from="2026-09-01", planned_to="2026-09-02")
    sheet = papers.draw_up(book, measure, "inspect_approval")
    papers.issue(book, sheet)
    notice = papers.draw_up(book, measure, "inspect_notice")
    with pytest.raises(RuleBroken) as refusal:
        papers.issue(book, notice)
    assert refusal.value.field == "approved_at"
    assert "54号" in refusal.value.basis
    measures.approve(book, measure, approver="示例负责人", at=TAKEN)
    papers.give_number(book, notice, "漳环检通〔2026〕7号")
    papers.issue(book, notice)
    visit_row = visits.inspection(book, visit.id)
    assert visit_row is not None
    assert visit_row.notice_number == "漳环检通〔2026〕7号", "the visit takes over what its record asks for"
    assert visit_row.approval_number == f"{measures.standing(book, measure).number}-1"


def test_a_number_that_the_officers_noted_in_the_visit_stays(visit: Any) -> None:
    book = visit.notebook
    verbs.edit(book, visit.id, approval_number="漳环检批〔2026〕3号")
    measure = asked(visit, "inspect", planned_from="2026-09-01")
    papers.issue(book, papers.draw_up(book, measure, "inspect_approval"))
    row = visits.inspection(book, visit.id)
    assert row is not None
    assert row.approval_number == "漳环检批〔2026〕3号"


@pytest.mark.parametrize(
    "text", ["漳环查扣〔2026〕1号", "漳环查扣[2026]1号", "漳环查扣（2026）1号", " 漳环查扣 〔2026〕 1 号 "]
)
def test_an_official_number_is_kept_with_the_brackets_of_official_papers(visit: Any, text: str) -> None:
    book, paper = visit.notebook, issued(visit)
    papers.give_number(book, paper, text)
    assert papers.official_number(book, paper) == "漳环查扣〔2026〕1号"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1号",
        "漳环查扣2026-1号",
        "漳环查扣〔2026〕0号",
        "漳环查扣〔26〕1号",
        "漳环罚〔2026〕1号",
        "漳环查扣〔2026〕1号之一",
    ],
)
def test_what_is_no_number_of_this_paper_is_refused(visit: Any, text: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        papers.give_number(visit.notebook, issued(visit), text)
    assert refusal.value.field == "text"


def test_one_number_stands_on_one_paper_of_the_unit(visit: Any) -> None:
    book, first, second = visit.notebook, issued(visit), issued(visit)
    papers.give_number(book, first, "漳环查扣〔2026〕1号")
    with pytest.raises(RuleBroken, match="查封（扣押）决定书"):
        papers.give_number(book, second, "漳环查扣〔2026〕1号")
    with pytest.raises(RuleBroken):
        papers.give_number(book, first, "漳环查扣〔2026〕2号")
    papers.take_number_back(book, first, "登记簿有误")
    papers.give_number(book, second, "漳环查扣〔2026〕1号")
    assert papers.official_number(book, first) == ""


def test_one_number_given_by_two_laptops_is_shown_as_double(visit: Any) -> None:
    book, first, second = visit.notebook, issued(visit), issued(visit)
    papers.give_number(book, first, "漳环查扣〔2026〕1号")
    book.write(put("paper_number", new_id(), book.unit, of=second, text="漳环查扣〔2026〕1号"))
    assert set(papers.doubled(book)["漳环查扣〔2026〕1号"]) == {first, second}
    assert "文号重复" in lists.summary(book)


@given(
    st.text("福建省漳州市县区", min_size=1, max_size=8),
    st.text("查扣罚责改听登", max_size=5),
    st.integers(1900, 2199),
    st.integers(1, 999999),
)
def test_every_number_of_the_form_reads_back_as_itself(place: str, word: str, year: int, count: int) -> None:
    number = f"{place}环{word}〔{year}〕{count}号"
    assert papers.read_number(number) == number


@given(st.text(max_size=40))
def test_any_other_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        papers.read_number(text)
    assert refusal.value.field == "text"


def test_a_paper_of_what_did_not_happen_is_neither_offered_nor_drawn_up(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    assert papers.offered(book, measure) == ("seal_approval", "seal_decision", "seal_list")
    for early in ("seal_extension", "seal_release"):
        with pytest.raises(RuleBroken) as refusal:
            papers.draw_up(book, measure, early)
        assert refusal.value.field == "paper"
    measures.extend(book, measure, days=10, reason="案情复杂", approver="示例负责人", on="2026-09-20")
    assert "seal_extension" in papers.offered(book, measure)
    measures.release(book, measure, reason="已改正", on="2026-09-25")
    assert "seal_release" in papers.offered(book, measure)
    papers.draw_up(book, measure, "seal_release")
    assert "seal_release" not in papers.offered(book, measure)


def test_registered_evidence_has_its_own_papers_only(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit, "register")
    assert papers.offered(book, measure) == ("register_approval", "register_notice", "register_list")
    measures.dispose(book, measure, disposition="release", on="2026-09-03", note="已核实")
    assert papers.offered(book, measure)[-1] == "register_release"
