"""An exemplary case is drafted from a case, names nobody, and is published only so."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import catalogue
from models.cases.damage import queries as damage
from models.errors import RuleBroken
from models.outreach import drafting, exemplars
from models.outreach.anonymise import folded
from models.outreach.known import fields, known_of
from models.registry import keeping
from models.store.change import put, void
from tests.models.outreach.conftest import CODE, COMPANY, NEIGHBOUR, OWNER, OWNER_PHONE, UNIT, Played

WORDS = {"significance": "探索了修复与赔偿并行的做法。"}


def text_of(played: Played, exemplar: str) -> str:
    row = keeping.row_of(played.notebook, "exemplar", exemplar)
    return "\n".join(getattr(row, name) or "" for name in exemplars.TEXTS)


def complete(played: Played) -> str:
    exemplar = exemplars.draft(played.notebook, played.id)
    exemplars.edit(played.notebook, exemplar, restoration="就地修复水体。", **WORDS)
    return exemplar


def test_every_field_that_may_name_somebody_exists():
    for kind, holds in fields().items():
        known = catalogue.kind(kind)
        assert known is not None, kind
        for names in holds.values():
            assert set(names) <= set(known.table._meta.fields), kind


@pytest.mark.requirement("R058", "R089")
def test_all_who_have_to_do_with_the_case_are_known(played):
    known = {each.text for each in known_of(played.notebook, played.id)}
    assert {
        COMPANY, OWNER, OWNER_PHONE, CODE, NEIGHBOUR, "赵示例", "李检察", "0596-2021234", "执法员01",
        "漳州市芗城区示例路88号", "35060219800101123X",
    } <= known  # fmt: skip
    assert "九龙江西溪某段" not in known


@pytest.mark.requirement("R089")
def test_a_withdrawn_complainant_is_still_known(played):
    row = next(each for each in known_of(played.notebook, played.id) if each.text == NEIGHBOUR)
    with played.notebook:
        complainant = catalogue.kind("complainant").table.get()
    played.notebook.write(void("complainant", complainant.id, UNIT, "误登"))
    assert row in known_of(played.notebook, played.id)


@pytest.mark.requirement("R058", "R022", "R089")
def test_a_draft_tells_the_case_in_the_parts_of_the_form_and_names_nobody(played):
    exemplar = exemplars.draft(played.notebook, played.id)
    row = keeping.row_of(played.notebook, "exemplar", exemplar)
    assert "2021年5月1日" in row.source
    assert "损害数额合计123,456.00元" in row.investigation
    assert "2021年8月1日签订赔偿协议" in row.consultation
    plain = folded(text_of(played, exemplar))
    for name in (COMPANY, "碧澄", OWNER, OWNER_PHONE, NEIGHBOUR, CODE):
        assert folded(name) not in plain
    assert "某印染公司" in row.title


@pytest.mark.requirement("R022")
def test_a_first_case_is_kept_as_a_pattern_and_a_second_is_not(played):
    assert keeping.row_of(played.notebook, "exemplar", exemplars.draft(played.notebook, played.id)).template
    second = played.write("damage_case", title="第二案", party=COMPANY)
    played.write("case_step", case=second, step="start", on="2021-09-01")
    other = exemplars.draft(played.notebook, second)
    assert not keeping.row_of(played.notebook, "exemplar", other).template
    assert [row.case for row in exemplars.patterns(played.notebook)] == [played.id]
    exemplars.keep_as_pattern(played.notebook, other, template=True)
    assert {row.case for row in exemplars.patterns(played.notebook)} == {played.id, second}


def test_a_case_that_was_not_started_or_is_drafted_already_gives_none(played):
    unstarted = played.write("damage_case", title="未启动")
    with pytest.raises(RuleBroken, match="尚未启动"):
        exemplars.draft(played.notebook, unstarted)
    exemplars.draft(played.notebook, played.id)
    with pytest.raises(RuleBroken, match="已有典型案例"):
        exemplars.draft(played.notebook, played.id)


@pytest.mark.requirement("R089")
def test_what_is_typed_is_cleaned_as_it_is_saved(played):
    exemplar = exemplars.draft(played.notebook, played.id)
    exemplars.edit(played.notebook, exemplar, significance="欧阳 示例（１３８５０５０１２３４）主动履行。")
    row = keeping.row_of(played.notebook, "exemplar", exemplar)
    assert row.significance == "欧阳某（某电话号码）主动履行。"


@pytest.mark.requirement("R058", "R089")
def test_it_is_not_published_while_it_names_somebody_and_says_whom(played):
    exemplar = complete(played)
    played.notebook.write(put("exemplar", exemplar, UNIT, significance="欧阳 示例很配合。"))
    with pytest.raises(RuleBroken) as refused:
        exemplars.publish(played.notebook, exemplar, on="2021-12-01", publisher=played.head)
    assert "欧阳 示例" in str(refused.value)
    exemplars.clean(played.notebook, exemplar)
    exemplars.publish(played.notebook, exemplar, on="2021-12-01", publisher=played.head)
    assert keeping.row_of(played.notebook, "exemplar", exemplar).published_on == "2021-12-01"


@pytest.mark.requirement("R089")
def test_a_name_that_becomes_known_later_still_stops_the_publication(played):
    exemplar = complete(played)
    exemplars.edit(played.notebook, exemplar, significance="感谢孙示例的证言。")
    played.write("case_issue", case=played.id, person="孙示例")
    with pytest.raises(RuleBroken, match="孙示例"):
        exemplars.publish(played.notebook, exemplar, on="2021-12-01", publisher=played.head)


def test_it_is_published_from_the_agreement_on_and_not_the_day_before(played):
    exemplar = complete(played)
    with pytest.raises(RuleBroken) as refused:
        exemplars.publish(played.notebook, exemplar, on="2021-07-31", publisher=played.head)
    assert refused.value.field == "on"
    exemplars.publish(played.notebook, exemplar, on="2021-08-01", publisher=played.head)


def test_an_empty_part_or_an_officer_without_approval_stops_the_publication(played):
    exemplar = exemplars.draft(played.notebook, played.id, restoration="")
    with pytest.raises(RuleBroken) as refused:
        exemplars.publish(played.notebook, exemplar, on="2021-12-01", publisher=played.head)
    assert refused.value.field == "restoration"
    exemplars.edit(played.notebook, exemplar, restoration="就地修复。")
    with pytest.raises(RuleBroken) as refused:
        exemplars.publish(played.notebook, exemplar, on="2021-12-01", publisher=played.notebook.person)
    assert refused.value.field == "publisher"


def test_what_is_published_is_not_changed_any_more(played):
    exemplar = complete(played)
    exemplars.publish(played.notebook, exemplar, on="2021-12-01", publisher=played.head)
    with pytest.raises(RuleBroken, match="2021-12-01"):
        exemplars.edit(played.notebook, exemplar, significance="改写")


@pytest.mark.requirement("R058")
def test_the_card_has_the_parts_under_their_headings(played, tmp_path: Path):
    exemplar = complete(played)
    exemplars.export_card(played.notebook, exemplar, path=str(tmp_path))
    text = (tmp_path / "exemplar.txt").read_text("utf-8-sig")
    heads = [
        line for line in text.splitlines() if line in ("线索来源", "调查评估", "磋商", "修复", "典型意义")
    ]
    assert heads == ["线索来源", "调查评估", "磋商", "修复", "典型意义"]
    with pytest.raises(RuleBroken, match="记录簿"):
        exemplars.export_card(played.notebook, exemplar, path=str(played.notebook.path.parent / "x.txt"))


def test_who_may_not_read_cases_drafts_none(played):
    played.notebook.write(put("officer", played.notebook.person, UNIT, role="grid_worker"))
    with pytest.raises(RuleBroken):
        exemplars.draft(played.notebook, played.id)
    with pytest.raises(RuleBroken):
        exemplars.proposed(played.notebook, played.id)


@pytest.mark.parametrize("day", ["乱写", "2021-13-45"])
def test_a_day_that_no_verb_wrote_stands_in_the_draft_as_it_is(played, day: str):
    played.notebook.write(put("clue", played.clue, UNIT, received_on=day))
    case = damage.damage_case(played.notebook, played.id)
    assert drafting.drafted(played.notebook, case)["source"].startswith(day)
