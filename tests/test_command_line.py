"""The command line: results on standard output, one sentence on standard error, an exit code for programs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook

from models.inspections import queries
from models.inspections.sealing import seal_inspection, seal_of, sealed_bytes
from models.inspections.verbs import finish
from models.registry import queries as registry
from models.store import keys
from models.store.change import put
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol
from sync.embedded import embedded
from sync.outcome import Exit
from sync.server import admin
from sync.server.central import Central
from tests.conftest import run
from tests.tui.visits import begun
from tests.visits import fill


@pytest.fixture
def sealed(notebook: Notebook, officers, home) -> tuple[str, str, bytes]:
    """Number, QR text and record bytes of a sealed inspection; the notebook is closed, in its place."""
    visit = begun(notebook, officers)
    fill(notebook, visit)
    finish(notebook, visit)
    seal_inspection(notebook, visit)
    row, seal = queries.inspection(notebook, visit), seal_of(notebook, visit)
    assert row is not None
    assert seal is not None
    data = sealed_bytes(notebook, visit)
    assert data is not None
    notebook.close()
    (home / "notebooks").mkdir()
    notebook.folder.rename(home / "notebooks/book")
    return str(row.number), seal.qr_text, data


def test_inspections_are_listed_and_found_by_pinyin_initials(capsys, sealed):
    number, _, _ = sealed
    code, out, err = run(capsys, "list", "slyr")
    assert (code, number in out) == (0, True), err
    code, out, _ = run(capsys, "list", "--json", "zzzz")
    assert (code, json.loads(out)) == (0, [])


def test_a_whole_notebook_is_said_to_be_whole(capsys, sealed):
    code, out, _ = run(capsys, "doctor", "--json")
    assert (code, json.loads(out)) == (0, {"problems": [], "token": "file"})


@pytest.mark.parametrize("name", ["paper.docx", "paper.html", "paper.txt"])
@pytest.mark.parametrize("paper", ["record", "evidence"])
def test_papers_are_written(capsys, sealed, tmp_path, name, paper):
    number, _, _ = sealed
    code, out, err = run(capsys, "document", number, str(tmp_path / name), "--paper", paper)
    assert (code, err) == (0, "")
    assert name in out
    assert (tmp_path / name).stat().st_size > 200


def test_a_paper_of_an_unknown_kind_or_inspection_is_refused_in_one_sentence(capsys, sealed, tmp_path):
    number, _, _ = sealed
    code, _, err = run(capsys, "document", number, str(tmp_path / "paper.odt"))
    assert (code, len(err.strip().splitlines()), ".odt" in err) == (2, 1, True)
    code, _, err = run(capsys, "document", "350602-1", str(tmp_path / "paper.txt"))
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_a_code_and_a_record_verify_and_a_changed_one_does_not(capsys, sealed, tmp_path):
    _, qr, data = sealed
    record = tmp_path / "record.json"
    record.write_bytes(data)
    assert run(capsys, "verify", qr)[0] == 0
    assert run(capsys, "verify", str(record), "--qr", qr)[0] == 0
    assert run(capsys, "verify", str(record))[0] == 0  # the notebook knows the seal
    record.write_bytes(data.replace("示例印染企业03".encode(), "示例印染企业04".encode()))
    code, out, _ = run(capsys, "--lang", "en", "verify", "--json", str(record), "--qr", qr)
    assert (code, json.loads(out)["answer"]) == (1, "false")


def test_a_key_file_is_enough_to_verify_without_a_notebook(capsys, notebook, sealed, tmp_path, monkeypatch):
    _, qr, _ = sealed
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path / "nowhere"))
    key = tmp_path / "device.der"
    key.write_bytes(notebook.public_key_der)
    assert run(capsys, "verify", qr, "--key", str(key))[0] == 0
    key.write_bytes(b"no key")
    code, _, err = run(capsys, "verify", qr, "--key", str(key))
    assert (code, len(err.strip().splitlines())) == (2, 1)
    code, _, err = run(capsys, "verify", "no such file", "--key", str(key))
    assert code == 2


def test_what_is_no_evidence_at_all_is_said_to_be_none_also_without_a_notebook(
    capsys, sealed, tmp_path, monkeypatch
):
    _, qr, data = sealed
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path / "nowhere"))
    notes, record = tmp_path / "notes.txt", tmp_path / "record.json"
    notes.write_text("明天去北溪", encoding="utf-8")
    record.write_bytes(data)
    code, out, err = run(capsys, "verify", str(notes))
    assert (code, err) == (1, "")
    assert "notes.txt 不是证据包" in out
    assert "HTTPS://" in out
    code, out, _ = run(capsys, "verify", "https://x")
    assert (code, "不是本系统二维码的文字" in out) == (1, True)
    code, out, _ = run(capsys, "verify", qr)
    assert (code, "密钥" in out) == (1, True)  # whose key is not known here
    code, out, _ = run(capsys, "verify", str(record))
    assert (code, "二维码" in out) == (1, True)  # a record needs its code


def test_shipped_checklists_are_listed_and_can_be_used(capsys, home):
    code, out, err = run(capsys, "form", "list")
    assert (code, err) == (0, "")
    assert [line[0] for line in out.splitlines()] == list("ABCWQSNMETLG")
    code, out, err = run(capsys, "form", "list", "--json")
    listed = {each["code"]: each for each in json.loads(out)}
    assert sum(len(each["items"]) for each in listed.values()) == 138
    assert listed["W"]["earlier"] == ["2026.11.1"]
    for each in ("B", "G"):
        assert run(capsys, "form", "check", listed[each]["file"])[0] == 0


def broken_form(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "survey"
    for row in (
        ("type", "name", "label"),
        ("text", "a", "甲"),
        ("integer", "b", "乙"),
        ("select_one no_such", "c", "丙"),
    ):
        sheet.append(row)
    book.save(path)
    return path


def test_a_form_that_cannot_be_used_is_named_with_its_fault(capsys, home, tmp_path):
    code, out, _ = run(capsys, "form", "check", str(broken_form(tmp_path / "bad.xlsx")))
    assert code == 1
    assert "bad.xlsx" in out
    assert "Traceback" not in out


def test_a_form_that_is_not_there_or_says_no_version_is_told_of_in_our_words(capsys, home, tmp_path):
    code, out, _ = run(capsys, "form", "check", str(tmp_path / "none.xlsx"))
    assert (code, "没有这个文件" in out, "No such" in out) == (1, True, False)
    form = tmp_path / "a.md"
    form.write_text("| survey |\n| | type | name | label |\n| | text | b | 乙 |\n", encoding="utf-8")
    code, out, _ = run(capsys, "form", "check", str(form))
    assert (code, "(a)" in out, "(a )" in out) == (0, True, False)


def test_a_form_is_filled_from_answers(capsys, home, tmp_path):
    form = tmp_path / "small.md"
    form.write_text(
        "| survey |\n| | type | name | label | required | constraint | constraint_message |\n"
        "| | integer | count | 数量 | yes | . > 0 | 须大于零 |\n",
        encoding="utf-8",
    )
    answers = tmp_path / "answers.json"
    answers.write_text('{"count": 3}', encoding="utf-8")
    assert run(capsys, "form", "fill", str(form), "--answers", str(answers))[0] == 0
    answers.write_text('{"count": -3}', encoding="utf-8")
    code, out, _ = run(capsys, "form", "fill", str(form), "--answers", str(answers))
    assert (code, "须大于零" in out) == (1, True)
    answers.write_text("not json", encoding="utf-8")
    assert run(capsys, "form", "fill", str(form), "--answers", str(answers))[0] == 2


def test_a_value_is_judged(capsys, home):
    code, out, _ = run(capsys, "limits", "check", "COD", "240", "unit=mg/L", "grade=1", "category=其他")
    assert (code, "1.4 倍" in out) == (1, True)
    assert run(capsys, "limits", "check", "COD", "80", "unit=mg/L", "grade=1", "category=其他")[0] == 0


@pytest.mark.parametrize(
    "words",
    [("COD", "lots"), ("COD", "80", "colour=red")],
)
def test_what_cannot_be_judged_is_one_sentence(capsys, home, words):
    code, _, err = run(capsys, "limits", "check", *words)
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_the_administrator_sets_a_server_up_in_a_few_commands(capsys, home, tmp_path):
    server = str(tmp_path / "server")
    code, out, _ = run(
        capsys, "admin", "init", server, "--organisation", "演示局", "--host", "sync.example.cn", "--json"
    )
    made = json.loads(out)
    assert code == 0
    assert made["recovery_secret"].startswith("AGE-SECRET-KEY-1")
    assert (
        run(
            capsys, "admin", "officer", server, "执法员01", "--certificate", "FJ350602001", "--unit", "350602"
        )[0]
        == 0
    )
    code, out, _ = run(capsys, "admin", "code", server, "执法员01", "--json")
    assert (code, len(json.loads(out)["code"].replace("-", ""))) == (0, 26)
    assert run(capsys, "admin", "grant", server, "执法员01", "350602", "350603")[0] == 0
    said = ("--by", "执法员01", "--why", "轮岗")
    assert run(capsys, "admin", "grant", server, "执法员01", "350602", *said)[0] == 0
    assert run(capsys, "admin", "grant", server, "执法员01", "350602", "--by", "无此人")[0] == 2
    assert run(capsys, "admin", "devices", server)[0] == 0
    sites = tmp_path / "sites.csv"
    sites.write_text(
        "单位名称,统一社会信用代码,辖区\n示例企业01,,芗城区\n示例企业02,123,芗城区\n", encoding="utf-8"
    )
    code, out, err = run(capsys, "admin", "import-sites", server, str(sites))
    assert (code, "0" in out, "3" in err) == (1, True, True), "all or nothing, and the wrong row is named"
    assert run(capsys, "admin", "import-sites", server, str(sites), "--good-rows")[0] == 1
    central = Central.open(Path(server))
    assert [row.name for row in registry.find_sites(central, "")] == ["示例企业01"]
    central.close()
    backup = str(tmp_path / "backup")
    code, out, _ = run(capsys, "backup", server, backup, "--off-site", "--json")
    assert code == 0
    assert json.loads(out)["missing"] == []
    assert run(capsys, "backup", server, server)[0] == 2
    again = str(tmp_path / "again")
    code, out, _ = run(capsys, "restore", backup, again)
    assert (code, "核验" in out, "重新吊销" in out) == (0, True, True)
    assert run(capsys, "restore", backup, again)[0] == 2
    code, out, _ = run(capsys, "admin", "durable", server, backup, "--json")
    assert (code, json.loads(out)["files"]) == (0, 0)
    assert run(capsys, "admin", "durable", server, "--none")[0] == 0
    assert run(capsys, "admin", "durable", server, again)[0] == 2, "it lives another life"
    code, out, _ = run(capsys, "admin", "restored", backup, "--json")
    assert code == 0
    assert len(json.loads(out)["epoch"]) == 32
    code, _, err = run(capsys, "admin", "revoke", server, "nobody")
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_a_notebook_is_backed_up_and_restored_by_two_commands(capsys, home, sealed):
    number, _, _ = sealed
    book, backup = home / "notebooks/book", str(home / "stick")
    code, out, _ = run(capsys, "backup", str(book), backup, "--json")
    assert (code, json.loads(out)["missing"]) == (0, [])
    assert run(capsys, "backup", str(book), backup, "--off-site")[0] == 2
    assert run(capsys, "backup", str(home), backup)[0] == 2
    shutil.rmtree(book)
    assert run(capsys, "restore", backup, str(book))[0] == 0
    assert number in run(capsys, "list")[1]


def test_a_notebook_synchronises_by_a_stick_alone(capsys, home, notebook, officers, tmp_path):
    server, stick = tmp_path / "server", tmp_path / "stick"
    stick.mkdir()
    run(capsys, "admin", "init", str(server), "--organisation", "演示局", "--host", "sync.example.cn")
    central = Central.open(server)
    officer = admin.add_officer(central, "执法员01", unit_code="350602", certificate="FJ350602001")
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, officer).code)
    central.close()
    notebook.close()
    (home / "notebooks").mkdir()
    notebook.folder.rename(home / "notebooks/book")
    assert run(capsys, "bundle", "export", str(stick), "--size", "many")[0] == 2
    code, out, _ = run(capsys, "bundle", "export", str(stick), "--size", "700M", "--json")
    assert code == 0
    (path,) = json.loads(out)["paths"]
    assert json.loads(out)["entries"] > 0
    code, _, err = run(capsys, "bundle", "import", path)
    assert (code, len(err.strip().splitlines())) == (Exit.BUNDLE_REFUSED, 1)
    code, out, _ = run(capsys, "admin", "bundle", str(server), str(stick), "--json")
    (taken,) = json.loads(out)
    assert (code, taken["problem"]) == (0, "")
    code, out, _ = run(capsys, "bundle", "import", taken["answer"], "--json")
    assert (code, json.loads(out)["unsent_entries"]) == (0, 0)
    assert run(capsys, "bundle", "import", taken["answer"])[0] == Exit.BUNDLE_REFUSED
    code, out, _ = run(capsys, "admin", "bundle", str(server), taken["answer"])
    assert (code, "记录簿" in out) == (1, True)


def test_without_a_terminal_the_app_says_so(capsys, home):
    code, _, err = run(capsys)
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_a_passphrase_is_changed_and_the_old_one_opens_nothing(capsys, sealed, monkeypatch):
    monkeypatch.setenv("QINGCHA_NEW_PASSPHRASE", "另一个新口令-77")
    assert run(capsys, "passphrase")[0] == 0
    code, _, err = run(capsys, "doctor")
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_a_short_new_passphrase_changes_nothing(capsys, sealed, monkeypatch):
    monkeypatch.setenv("QINGCHA_NEW_PASSPHRASE", "短")
    assert run(capsys, "passphrase")[0] == 2
    assert run(capsys, "doctor")[0] == 0


def test_the_agencys_key_recovers_a_notebook(
    capsys, notebook, sealed, home, tmp_path, monkeypatch, passphrase
):
    pair = keys.make_recovery_pair()
    book = Notebook.open(home / "notebooks/book", passphrase)
    book.set_recovery(pair.recipient)
    book.close()
    card = tmp_path / "card.txt"
    card.write_text(pair.identity + "\n", encoding="ascii")
    monkeypatch.setenv("QINGCHA_NEW_PASSPHRASE", "恢复后的新口令-88")
    assert run(capsys, "recover", str(card))[0] == 0
    monkeypatch.setenv("QINGCHA_PASSPHRASE", "恢复后的新口令-88")
    assert run(capsys, "doctor")[0] == 0
    card.write_text("AGE-SECRET-KEY-1WRONG", encoding="ascii")
    assert run(capsys, "recover", str(card))[0] == 2


@pytest.fixture
def kept(notebook: Notebook, home) -> Path:
    """The notebook closed, in its place."""
    notebook.close()
    (home / "notebooks").mkdir()
    return notebook.folder.rename(home / "notebooks/book")


def registered(capsys, party: str = "示例企业01") -> str:
    code, out, err = run(
        capsys, "cases", "do", "register", "--json", "source=inspection", "description=河面有油花",
        f"party={party}", "received_on=2026-05-04",
    )  # fmt: skip
    assert code == 0, err
    return str(json.loads(out)["id"])


def test_a_record_is_made_listed_and_shown_by_id_number_and_beginning(capsys, kept):
    clue = registered(capsys)
    code, out, err = run(capsys, "cases", "list", "clues", "slqy", "--json")
    rows = json.loads(out)
    assert (code, [row["id"] for row in rows]) == (0, [clue]), err
    code, out, _ = run(capsys, "cases", "list", "clues")
    assert (code, clue in out, "示例企业01" in out) == (0, True, True)
    code, out, _ = run(capsys, "cases", "show", clue, "--json")
    sheet = json.loads(out)
    assert (code, sheet["kind"], sheet["id"]) == (0, "clue", clue)
    number = rows[0]["Number"]
    for word in (number, clue[:-1], f"clue/{number}"):
        code, out, err = run(capsys, "cases", "show", word)
        assert (code, "河面有油花" in out) == (0, True), err


def test_what_can_be_done_is_listed_and_a_record_says_why_not(capsys, kept):
    code, out, _ = run(capsys, "cases", "acts", "--json")
    acts = {each["name"]: each for each in json.loads(out)["acts"]}
    assert code == 0
    source = next(each for each in acts["register"]["fields"] if each["name"] == "source")
    assert "inspection" in source["choices"]
    clue = registered(capsys)
    code, out, _ = run(capsys, "cases", "acts", clue, "--json")
    refusals = {each["name"]: each["refusal"] for each in json.loads(out)["acts"]}
    assert code == 0
    assert "" in refusals.values()
    assert any(refusals.values()), "an unchecked clue is not decided on"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("do", "register", "source=inspection"), "请填写"),
        (("do", "register", "colour=red"), "description"),
        (("do", "register", "received_on=never", "source=inspection", "description=x"), "never"),
        (("do", "no_such_act"), "register"),
        (("do", "check"), "标识"),
        (("do", "check", "nothing", "on=2026-05-05"), "nothing"),
        (("show", "nothing"), "nothing"),
        (("list", "no_such_list", "text"), "clues"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_that_says_what_to_give(capsys, kept, words, said):
    code, out, err = run(capsys, "cases", *words)
    assert (code, out, len(err.strip().splitlines())) == (2, "", 1)
    assert said in err


def test_several_records_of_one_name_are_never_guessed_among(capsys, kept):
    first, second = registered(capsys), registered(capsys)
    common = first[: next(at for at, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)]
    code, _, err = run(capsys, "cases", "show", common)
    assert (code, first in err, second in err) == (2, True, True)


def test_a_role_that_may_not_read_cases_is_told_so(capsys, notebook, home):
    notebook.write(put("officer", notebook.person, "350602", role="grid_worker"))
    notebook.close()
    (home / "notebooks").mkdir()
    notebook.folder.rename(home / "notebooks/book")
    for words in (("cases", "list"), ("report", "city")):
        code, out, err = run(capsys, *words)
        assert (code, out, "网格员" in err) == (2, "", True)


def test_a_paper_of_a_record_is_written(capsys, kept, tmp_path):
    clue = registered(capsys)
    from models.documents import shelf

    name = shelf.papers("clue")[0][0]
    code, out, err = run(capsys, "cases", "paper", clue, name, str(tmp_path / "paper.txt"))
    assert (code, "paper.txt" in out) == (0, True), err
    assert "示例企业01" in (tmp_path / "paper.txt").read_text(encoding="utf-8")
    code, _, err = run(capsys, "cases", "paper", clue, "no_such_paper", str(tmp_path / "other.txt"))
    assert (code, name in err) == (2, True)


def test_the_citys_figures_are_printed_as_of_a_day(capsys, kept):
    code, out, err = run(capsys, "report", "city", "--as-of", "2026-05-31", "--json")
    figures = json.loads(out)
    assert (code, figures["as_of"], figures["units"], figures["started"]) == (0, "2026-05-31", 16, 0), err
    code, out, _ = run(capsys, "report", "city")
    assert (code, "漳州" in out or "芗城区" in out) == (0, True)
    assert run(capsys, "report", "city", "--as-of", "whenever")[0] == 2


def test_naming_a_room_for_help_imports_no_area():
    words = (
        "import sys, main; main._parser(['cases', 'list']);"
        "print([name for name in sys.modules if name.startswith('models.cases')])"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_interview_is_written_by_commands_alone(capsys, sealed, tmp_path):
    code, out, err = run(capsys, "onsite", "do", "interview", "person_name=示例人员07", "case_title=涉嫌超标")
    assert code == 0, err
    interview = out.strip().rpartition(": ")[2].rpartition("：")[2]
    assert run(capsys, "onsite", "do", "ask", interview, "question=何时投产？", "answer=2019年")[0] == 0
    code, out, err = run(capsys, "onsite", "do", "seal_interview", interview)
    assert (code, "执法人员不得少于两人" in err) == (2, True)
    code, out, _ = run(capsys, "onsite", "list", "interviews", "--json")
    assert (code, [each["id"] for each in json.loads(out)]) == (0, [interview])
    target = tmp_path / "record.html"
    assert run(capsys, "onsite", "paper", interview, "interview", str(target))[0] == 0
    assert "问：何时投产？" in target.read_text("utf-8")


def test_what_breaks_a_rule_is_told_with_row_and_rule_and_is_written_all_the_same(capsys, tmp_path):
    form = tmp_path / "f.md"
    form.write_text(
        "| survey |\n| | type | name | label | constraint | constraint_message |\n"
        "| | integer | n | 数 | . < 5 | 须小于5 |\n",
        encoding="utf-8",
    )
    answers, target = tmp_path / "a.json", tmp_path / "o.csv"
    answers.write_text('{"/data/n": 9}', encoding="utf-8")
    words = ("--lang", "zh", "form", "export", str(form), "--answers", str(answers), "--to", str(target))
    code, _out, err = run(capsys, *words)
    assert code == 1
    assert "/data/n: 须小于5（survey 工作表第 2 行，规则：. < 5）" in err
    assert target.read_text("utf-8").splitlines()[1].startswith("9,")
    answers.write_text('{"/data/n": 4}', encoding="utf-8")
    assert run(capsys, *words)[0::2] == (0, "")
    filled = ("--lang", "zh", "form", "fill", str(form), "--answers", str(answers), "--json")
    answers.write_text('{"/data/n": 9}', encoding="utf-8")
    code, out, _err = run(capsys, *filled)
    node = json.loads(out)["nodes"]["/data/n"]
    assert (code, node["rule"], node["row"]) == (1, ". < 5", 2)
