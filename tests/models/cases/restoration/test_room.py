"""The room of restoration: every act by its form, every sheet, every list."""

from __future__ import annotations

import pytest

from models.cases.restoration import queries, verbs
from models.cases.restoration.room import ACTS, ROOM, sections
from models.language import use_language
from models.registry.act_parts import refusal
from models.registry.keeping import row_of
from models.registry.typed import typed
from models.rooms import Act
from models.store.notebook import Notebook

from .conftest import a_release


def act(name: str) -> Act:
    found = ROOM.act(name)
    assert found is not None
    return found


def do(book: Notebook, name: str, subject: str = "", /, **raw: str) -> str | None:
    """As the form and the command line do it."""
    chosen = act(name)
    values = typed(chosen, raw)
    result: str | None = chosen.run(book, subject, **values) if chosen.subject else chosen.run(book, **values)
    return result


def words(book: Notebook, kind: str, record: str) -> str:
    sheet = ROOM.sheets[kind](book, record)
    facts = [fact for section in sheet.sections for fact in section.facts]
    return "\n".join([sheet.title, sheet.state.text, *(f"{fact.label} {fact.value}" for fact in facts)])


def test_a_restoration_is_played_by_forms_alone(notebook: Notebook, case: str) -> None:
    base = do(notebook, "add_base", name="示例放流点", type="增殖放流点位", built_on="20210401", tag="濒海")
    assert base
    made = do(
        notebook,
        "plan",
        case=case,
        mode="增殖放流",
        plan="放流",
        planned_on="2021-05-01",
        base=base,
        why_off_site="无法就地修复",
        agreed_survival="90",
    )
    assert made
    assert act("note_amount").why_not(notebook, made)  # type: ignore[misc]
    do(notebook, "begin", made, on="2021-05-10")
    assert act("begin").why_not(notebook, made)  # type: ignore[misc]
    do(
        notebook,
        "note_amount",
        made,
        what="增殖放流鱼苗",
        quantity="30万",
        approx="余",
        done_on="2021-05-11",
        species="鲢",
        origin="本地种",
        price_cents="6350",
    )
    do(
        notebook,
        "guide",
        made,
        department="海洋渔业部门",
        on="2021-05-11",
        came="是",
        person="示例人05",
        opinion="苗种合格",
    )
    do(notebook, "finish", made, on="2021-05-12", quarantine="闽检01")
    do(notebook, "schedule", made, first_on="2021-08-12", every_months="3", times="2")
    visit = ROOM.listings[2].find(notebook, "")[0]
    do(notebook, "note_visit", visit, done_on="2021-08-12", survival="80")
    text = words(notebook, "restoration", made)
    for expected in ("增殖放流 示例放流点", "已完成", "鲢 30万余尾", "苗种合格", "低于约定", "2021-11-12"):
        assert expected in text
    assert "30万余尾" in words(notebook, "restoration_base", base)
    assert "示例企业03污染案" in words(notebook, "restoration_base", base)
    assert ROOM.summary is not None
    assert ROOM.summary(notebook) == "30万余尾 · 已建基地1个"
    shown = {fact.value: fact.part for section in sections(notebook, case) for fact in section.facts}
    assert shown == {"已完成 · 示例放流点 · 30万余尾": "good", "低于约定": "bad"}


def test_the_case_sheet_shows_missing_guidance(notebook: Notebook, case: str) -> None:
    assert sections(notebook, case) == ()
    made = a_release(notebook, case)
    found = [fact for section in sections(notebook, case) for fact in section.facts]
    assert [(fact.part, fact.kind, fact.id) for fact in found] == [
        ("warn", "restoration", made),
        ("bad", "restoration", made),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_and_list_can_be_read(notebook: Notebook, case: str, language: str) -> None:
    use_language(language)
    base = do(notebook, "add_base", name="示例点", type="watershed", begun_on="2021-04-01", doubtful="1")
    made = do(
        notebook,
        "plan",
        case=case,
        mode="watershed",
        plan="清淤",
        planned_on="2021-05-01",
        base=str(base),
        why_off_site="无",
    )
    assert base
    assert made
    verbs.begin(notebook, made, on="2021-05-02")
    amount = verbs.note_amount(notebook, made, what="channel_m", quantity="3", done_on="2021-05-02")
    guidance = verbs.guide(notebook, made, department="water", on="2021-05-02", came=False)
    verbs.schedule(notebook, made, first_on="2021-06-01")
    visit = queries.visits_of(notebook, made)[0].id
    records = {
        "restoration": made,
        "restoration_base": base,
        "restoration_amount": amount,
        "restoration_guidance": guidance,
        "restoration_visit": visit,
    }
    assert set(records) == set(ROOM.sheets)
    for kind, record in records.items():
        assert words(notebook, kind, record)
    for listing, record in zip(ROOM.listings, (made, base, visit), strict=True):
        assert listing.find(notebook, "") == [record]
        line = listing.lines(notebook, [record])[0]
        assert len(line.cells) == len(listing.columns)
        assert sum(column.width == 0 for column in listing.columns) == 1
    assert ROOM.listings[0].find(notebook, "示例企业03") == [made]
    assert ROOM.listings[2].find(notebook, "nirgends") == []


def test_all_parts_of_a_restoration_open_from_its_sheet(notebook: Notebook, case: str) -> None:
    made = a_release(notebook, case)
    verbs.note_amount(notebook, made, what="area_m2", quantity="3", done_on="2021-05-12")
    verbs.guide(notebook, made, department="fisheries", on="2021-05-12", came=False)
    verbs.schedule(notebook, made, first_on="2021-06-01")
    sheet = ROOM.sheets["restoration"](notebook, made)
    opened = {fact.kind for section in sheet.sections for fact in section.facts if fact.kind}
    assert {"damage_case", "restoration_amount", "restoration_guidance", "restoration_visit"} <= opened


def test_every_kind_can_be_withdrawn_with_a_reason(notebook: Notebook, case: str) -> None:
    made = a_release(notebook, case)
    amount = verbs.note_amount(notebook, made, what="area_m2", quantity="3", done_on="2021-05-12")
    guidance = verbs.guide(notebook, made, department="fisheries", on="2021-05-12", came=False)
    verbs.schedule(notebook, made, first_on="2021-06-01")
    visit = queries.visits_of(notebook, made)[0].id
    base = do(notebook, "add_base", name="示例点", type="watershed", begun_on="2021-04-01")
    for name, kind, record in (
        ("withdraw_amount", "restoration_amount", amount),
        ("withdraw_guidance", "restoration_guidance", guidance),
        ("withdraw_visit", "restoration_visit", visit),
        ("withdraw", "restoration", made),
        ("withdraw_base", "restoration_base", str(base)),
    ):
        assert refusal(notebook, act(name), record) == ""
        do(notebook, name, record, why="误登")
        assert row_of(notebook, kind, record).voided == "误登"
        assert refusal(notebook, act(name), record)
        assert "已撤回" in words(notebook, kind, record)


def test_presets_read_back_as_they_are_kept(notebook: Notebook, case: str) -> None:
    from models.registry.typed import shown

    made = a_release(notebook, case, restorer="示例企业03")
    edit = act("edit")
    assert edit.preset is not None
    held = edit.preset(notebook, made)
    raw = {field.key: shown(field, held.get(field.key)) for field in edit.fields}
    before = {field.key: getattr(queries.restoration(notebook, made), field.key) for field in edit.fields}
    edit.run(notebook, made, **typed(edit, raw))
    after = {field.key: getattr(queries.restoration(notebook, made), field.key) for field in edit.fields}
    assert after == before
    for name in ("note_amount", "guide", "schedule"):
        preset = act(name).preset
        assert preset is not None
        assert set(preset(notebook, made)) <= {field.key for field in act(name).fields}


def test_a_restoration_is_planned_from_its_case_until_the_case_ends(notebook: Notebook, case: str) -> None:
    from models.store.change import new_id, put

    plan = ACTS[0]
    assert plan.subject == "damage_case"
    assert plan.why_not is not None
    assert plan.why_not(notebook, case) == ""
    values = typed(plan, {"mode": "就地修复", "plan": "清淤", "planned_on": "2021-05-01"})
    assert queries.restorations_of(notebook, case) == []
    plan.run(notebook, case, **values)
    assert len(queries.restorations_of(notebook, case)) == 1
    notebook.write(put("case_step", new_id(), "350602", case=case, step="terminated", on="2021-06-01"))
    assert "2021-06-01" in plan.why_not(notebook, case)


def test_acts_have_words_and_names_of_their_own() -> None:
    names = [each.name for each in ROOM.acts]
    assert len(names) == len(set(names))
    assert all(each.help and each.title for each in ROOM.acts)
