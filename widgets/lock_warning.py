"""A line across the top that says that the terminal is about to lock itself."""

from __future__ import annotations

from textual.widgets import Static

from widgets.plain import content


class LockWarning(Static):
    """Counts the seconds down; lies over the screen and takes nothing from it."""

    DEFAULT_CSS = """
    LockWarning {
        dock: top; layer: overlay; width: 100%; height: 1; text-align: center; text-style: bold;
        background: $warning; color: $background;
    }
    """

    def __init__(self) -> None:
        super().__init__("", id="lock-warning", markup=False)
        self._shown = 0

    def count(self, seconds: int) -> None:
        """Show how many seconds are left."""
        if seconds != self._shown:
            self._shown = seconds
            text = content("This terminal locks in $n s: any key goes on", n=f"{seconds:>2}")
            self.update(text, layout=False)
