"""What covers the app while the terminal is smaller than 80×24."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from widgets.plain import content

SMALLEST = Size(80, 24)


class TooSmall(ModalScreen[None]):
    """Covers everything until the terminal is large enough; what is below it stays as it was."""

    def compose(self) -> ComposeResult:
        """What is there and what is needed."""
        yield Static("", markup=False)

    def on_mount(self) -> None:
        """Tell the present size."""
        self.tell()

    def on_resize(self) -> None:
        """Tell the new size."""
        self.tell()

    def tell(self) -> None:
        """Say in cells what to do."""
        width, height = self.size
        self.query_one(Static).update(
            content(
                "[b]Please enlarge the terminal[/]\nto 80×24 or more.\nIt is $w×$h.",
                w=width,
                h=height,
            )
        )


def is_too_small(size: Size) -> bool:
    """Whether the screens do not fit."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height
