"""What keeps mail from leaving, told where an administrator looks."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from widgets.plain import plain


class Troubles(Static):
    """A line for each trouble; nothing where there is none."""

    DEFAULT_CSS = """
    Troubles { height: auto; padding: 0 1; color: $text-error; display: none; }
    Troubles.-some { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, sentences: Sequence[str]) -> None:
        """Tell these."""
        self.update(plain("\n".join(f"! {sentence}" for sentence in sentences)))
        self.set_class(bool(sentences), "-some")
