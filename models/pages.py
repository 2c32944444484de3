"""Pages of documentation that the program makes of itself, one in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.language import in_language, translate

FOLDER = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the folder of documents."""

    name: str
    """docs/NAME.md, and docs/NAME.zh-CN.md in Chinese."""
    lines: Callable[[], Iterable[str]]
    """In Markdown, in the language in force."""

    @property
    def files(self) -> dict[str, str]:
        """Language to file name."""
        return {"en": f"{self.name}.md", "zh": f"{self.name}.zh-CN.md"}

    def text(self, language: str) -> str:
        """The whole page in a language, "en" or "zh"."""
        return in_language(language, lambda: "\n".join(self.lines()) + "\n")

    def write(self, folder: Path = FOLDER) -> None:
        """Write the pages of both languages."""
        for language, name in self.files.items():
            (folder / name).write_text(self.text(language), encoding="utf-8", newline="\n")


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table in Markdown; titles are msgids."""
    names = [translate(title) for title in titles]
    for row in (names, ["---"] * len(names), *rows):
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
