"""What a report shows, on the terminal and as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from rich.table import Table

from iss.observe import report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1150px; padding: 0 1em; color: #1c2330; }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }
table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums }
th { border-bottom: 1.5px solid #444; text-align: right; padding: 3px 9px; font-weight: 600 }
td { border-bottom: 1px solid #e4e6ea; text-align: right; padding: 2px 9px; white-space: nowrap }
th.text, td.text { text-align: left } tr.rule td { border-top: 1.5px solid #444 }
tr:hover td { background: #f3f6fb } img { max-width: 100% } p { max-width: 62em }
"""


@dataclass
class Sheet:
    """A table: `texts` are the heads of its first columns, `numbers` of the others; a rule goes before the rows of `rules`."""

    title: str
    texts: Sequence[str]
    numbers: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    rules: set[int] = field(default_factory=set)
    note: str = ""

    def table(self) -> Table:
        """For a terminal."""
        found = report.plain_table(self.title, self.texts, self.numbers)
        for number, row in enumerate(self.rows):
            if number in self.rules:
                found.add_section()
            found.add_row(*row)
        if self.note:
            found.caption, found.caption_justify = self.note, "left"
        return found

    def html(self) -> str:
        """For a page."""
        kinds = ["text"] * len(self.texts) + [""] * len(self.numbers)
        heads = "".join(
            f'<th class="{kind}">{escape(head)}</th>' for kind, head in zip(kinds, [*self.texts, *self.numbers], strict=True)
        )
        lines = [f"<h2>{escape(self.title)}</h2>", f"<table><thead><tr>{heads}</tr></thead><tbody>"]
        for number, row in enumerate(self.rows):
            cells = "".join(f'<td class="{kind}">{escape(cell)}</td>' for kind, cell in zip(kinds, row, strict=True))
            lines.append(f'<tr class="{"rule" if number in self.rules else ""}">{cells}</tr>')
        lines.append("</tbody></table>")
        if self.note:
            lines.append(f"<p>{escape(self.note)}</p>")
        return "\n".join(lines)


def picture(figure: Figure, title: str) -> str:
    """A figure as a part of a page."""
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=130)
    code = base64.b64encode(data.getvalue()).decode()
    return f'<h2>{escape(title)}</h2>\n<img alt="{escape(title)}" src="data:image/png;base64,{code}">'


def page(title: str, intro: Sequence[str], parts: Sequence[str]) -> str:
    """The file."""
    paragraphs = "\n".join(f"<p>{escape(text)}</p>" for text in intro)
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n{paragraphs}\n{body}\n</body></html>\n"
    )
