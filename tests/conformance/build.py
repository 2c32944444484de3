"""What Markdown cannot say: cells that are numbers or truth values. `python -m tests.conformance.build`."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

FOLDER = Path(__file__).parent / "forms"

SHEETS: dict[str, list[list[object]]] = {
    "survey": [
        ["type", "name", "label", "required", "default", "relevant"],
        ["select_one grade", "grade", "Grade", True, None, None],
        ["decimal", "depth", "Depth", False, 2.5, None],
        ["integer", "count", "Count", False, 7.0, None],
        ["text", "deep", "Deep", None, None, "${depth} > 10"],
        ["note", "note", 2026, None, None, None],
    ],
    "choices": [
        ["list_name", "name", "label"],
        ["grade", 1, "One"],
        ["grade", 2.0, "Two"],
        ["grade", 3, 3],
    ],
    "settings": [["form_id", "version"], ["typed_cells", 2026030501]],
}


def build(target: Path) -> None:
    """Write the workbook of `SHEETS`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(target)


if __name__ == "__main__":
    build(FOLDER / "typed_cells.xlsx")
