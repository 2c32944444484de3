"""Evidence labels: the code leads to the file, the words fit the label."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from models.documents import labels as labels_module
from models.documents.facts import gather
from models.documents.labels import label_code, labels
from models.documents.text import cells
from models.errors import BadInput
from models.store.change import put
from models.store.notebook import Notebook


def test_each_piece_of_evidence_gets_a_label_that_names_it(notebook: Notebook, visit: str) -> None:
    made = labels(notebook, visit)
    evidence = gather(notebook, visit).evidence
    assert len(made) == len(evidence) == 2
    for count, (label, one) in enumerate(zip(made, evidence, strict=True), 1):
        words = "\n".join(label.lines)
        for must in (one.title, f"第 {count} 件（共 2 件）", "示例企业03有限公司", "执法员01、执法员02"):
            assert must in words
        assert label.code == label_code("350602-20261123-7K2QX-01", count, one.sha256)
        assert "演示" not in words


def test_a_demo_label_bears_the_word(notebook: Notebook, visit: str) -> None:
    notebook.demo = True
    assert "【演示】" in labels(notebook, visit)[0].lines[0]


def test_a_label_is_whole_for_a_text_printer(notebook: Notebook, visit: str) -> None:
    label = labels(notebook, visit)[0]
    printed = label.text(32)
    assert all(cells(line) <= 32 for line in printed)
    assert label.code in "".join(printed)


def test_hostile_words_are_one_visible_line(notebook: Notebook, visit: str) -> None:
    notebook.write(put("inspection", visit, "350602", site_name="甲\n\x1b[2J乙\u202e丙"))
    assert "当事人：甲 ␛[2J乙�丙" in labels(notebook, visit)[0].lines


@pytest.mark.parametrize(("dpi", "width"), [(203, 480), (300, 709)])
def test_the_printed_label_is_60_mm_wide_and_its_code_reads_back(
    notebook: Notebook, visit: str, some_font: None, dpi: int, width: int
) -> None:
    label = labels(notebook, visit)[0]
    image = Image.open(io.BytesIO(label.png(dpi)))
    assert image.width == width
    assert image.mode == "1"
    (code,) = zxingcpp.read_barcodes(image)
    assert code.text == label.code


def test_without_a_chinese_font_the_text_label_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels_module, "_FONTS", ("no-such-font.ttf",))
    with pytest.raises(BadInput, match="文本"):
        labels_module._font(20)
