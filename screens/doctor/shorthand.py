"""What the prescription grid asks of the store: lines as on paper, totals, drugs to offer."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import asdict, replace

from screens.doctor.typed import read_line, show_line
from store.formulary_index import Formulary
from store.prescription_quantity import in_words, total
from store.prescription_shorthand import Reading, read, render
from widgets.prescription_grid import LineText

_MOST_OFFERS = 4


class ShorthandReader:
    """Understands lines with the formulary as it was when the consultation was opened."""

    def __init__(self, formulary: Formulary) -> None:
        self.formulary = formulary

    def _read(self, text: str) -> Reading:
        return read(text, self.formulary.named)

    def understood(self, text: LineText, *, typed: bool) -> tuple[LineText, bool]:
        """The line with the drug's field spread over the columns.

        Only what somebody typed here is spread, or a drug's field of a draft that is a whole
        line by itself: a drug repeated from an earlier visit stays as it was signed.
        """
        if not text.drug.strip():
            return text, False
        reading = self._read(text.drug)
        alone = replace(text, drug="", answer="").blank
        if not typed and not (alone and reading.told):
            return text, False
        found = replace(show_line(reading.line), quantity=_given(reading))
        kept = asdict(text)
        kept |= {name: value for name in kept if (value := getattr(found, name))}
        if text.instructions.strip() and found.instructions:
            kept["instructions"] = f"{text.instructions.strip()}, {found.instructions}"
        line = LineText(**kept)
        old = self.total(replace(text, drug=""))
        if not found.quantity and text.quantity.strip() in ("", old):
            line = replace(line, quantity=self.total(line))
        return line, reading.told

    def total(self, text: LineText) -> str:
        """How much is handed out, or nothing."""
        kept = read_line(replace(text, drug=text.drug or "-a-")).kept
        count = total(kept) if kept is not None else None
        return "" if count is None else f"{count}"

    def words(self, text: LineText) -> str:
        """The line in plain words."""
        kept = read_line(text).kept
        return in_words(kept) if kept is not None else ""

    def unread(self, text: str) -> str:
        """What in the drug's field was not understood, and is kept as instruction."""
        return self._read(text).unread

    def offers(self, text: str) -> Sequence[str]:
        """Drugs for what stands in the drug's field; none where it names one already."""
        drug = self._read(text).line.drug
        if not drug or any(drug == one.name for one in self.formulary.search(drug, 1)):
            return ()
        return [one.name for one in self.formulary.search(drug, _MOST_OFFERS)]

    def taken(self, text: str, offer: str) -> str:
        """What stands in the drug's field with an offer in place of the drug."""
        line = replace(self._read(text).line, drug=offer, quantity=None)
        return f"{render(line)} "


def _given(reading: Reading) -> str:
    """The total that was written, not the one that was computed."""
    computed = total(replace(reading.line, quantity=None))
    quantity = reading.line.quantity
    return "" if quantity is None or quantity == computed else f"{quantity}"
