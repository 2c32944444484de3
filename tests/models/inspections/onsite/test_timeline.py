"""The record of the whole process: everything that the journal holds of a visit, and nothing it must not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from models.errors import BadInput
from models.inspections import verbs
from models.inspections.onsite import interviews, papers, services, timeline
from models.store.change import new_id

from .test_interviews import whole
from .test_measures import taken


@pytest.fixture
def done(visit: Any, tmp_path: Path) -> Any:
    """A visit with evidence, an interview, a measure, its papers and their service, sealed."""
    book = visit.notebook
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"\x00" * 64)
    evidence = verbs.take_in(book, visit.id, photo, kind="audio_visual")
    verbs.note_complainant(book, visit.id, name="举报人甲", contact="0596", words="夜间排水")
    verbs.find(book, visit.id, None, "总排口旁有暗管")
    interview = whole(visit)
    interviews.seal(book, interview)
    measure = taken(visit)
    paper = papers.draw_up(book, measure, "seal_decision")
    papers.issue(book, paper)
    papers.give_number(book, paper, "漳环查扣〔2026〕1号")
    services.seal(book, services.of_paper(book, paper, method="post", tracking="1"))
    visit.fill()
    verbs.seal_inspection(book, visit.id)
    return visit, evidence


@pytest.mark.requirement("R086")
def test_it_tells_who_did_what_when_in_order(done: Any) -> None:
    visit, _evidence = done
    steps = timeline.steps(visit.notebook, visit.id)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert set(timeline.people(visit.notebook, steps).values()) == {"执法员01"}
    words = "\n".join(step.words for step in steps)
    for said in (
        "建立检查",
        "取得证据",
        "发现问题：总排口旁有暗管",
        "开始询问示例人员07",
        "记录问答",
        "申请查封",
        "示例负责人批准查封",
        "现场实施查封，CS-350602-",
        "（所述时间：2026-09-01 10:00）",
        "清点列入清单 1 项：水泵",
        "拟制查封（扣押）决定书",
        "编定文号漳环查扣〔2026〕1号",
        "开始向示例印染企业03送达",
        "送达回证",
        "检查笔录",
    ):
        assert said in words, said
    assert {step.stage for step in steps} >= {"start", "inquiry", "review", "decide", "carry_out", "serve"}
    assert sum(step.way == "seal" for step in steps) == 4, "interview, paper, service, visit"


def test_answers_in_a_row_are_one_line_and_no_entry_is_lost(done: Any) -> None:
    visit, _evidence = done
    steps = timeline.steps(visit.notebook, visit.id)
    answers = [step for step in steps if step.kind == "answer"]
    assert len(answers) == 1
    assert answers[0].count > 10
    assert re.search(rf"检查 {answers[0].count} 项：A01", answers[0].words)


def test_pictures_and_sound_are_marked_and_carry_their_hash(done: Any) -> None:
    visit, evidence = done
    marked = [step for step in timeline.steps(visit.notebook, visit.id) if step.way == "sound_and_picture"]
    assert [step.record for step in marked] == [evidence]
    assert re.search("SHA-256 [0-9a-f]{64}", marked[0].words)


def test_who_reported_is_not_in_it(done: Any) -> None:
    visit, _evidence = done
    words = "".join(step.words for step in timeline.steps(visit.notebook, visit.id))
    assert "举报人甲" not in words
    assert "夜间排水" not in words
    assert "complainant" not in timeline.told_kinds()


def test_what_is_withdrawn_is_told_with_its_reason(visit: Any) -> None:
    finding = verbs.find(visit.notebook, visit.id, None, "误记的问题")
    verbs.withdraw(visit.notebook, finding, "看错了")
    last = timeline.steps(visit.notebook, visit.id)[-1]
    assert last.words == "撤回：问题 误记的问题，原因：看错了"


def test_a_visit_that_is_not_here_is_one_clear_sentence(visit: Any) -> None:
    with pytest.raises(BadInput):
        timeline.steps(visit.notebook, new_id())
