"""One quiet line above the keys: what was just done, here or on another terminal."""

from __future__ import annotations

from textual.widgets import Static

from widgets.plain import content, plain


class StatusLine(Static):
    """The last event in one sentence."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap;
                 text-overflow: ellipsis; }
    StatusLine.-error { color: $text-error; }
    """

    def __init__(self, *, id: str | None = "status-line") -> None:
        super().__init__("", id=id, markup=False)
        self.sentence = ""

    def say(self, sentence: str, *, key: str = "", verb: str = "") -> None:
        """Show a sentence; `key` and `verb` name what the reader may do now, such as undo."""
        self.remove_class("-error")
        self.sentence = sentence
        if key:
            self.update(content("$s  [$accent b]$k[/] $v", s=sentence, k=key, v=verb))
        else:
            self.update(plain(sentence))

    def warn(self, sentence: str) -> None:
        """Show a sentence that tells of something wrong."""
        self.add_class("-error")
        self.sentence = sentence
        self.update(content("! $s", s=sentence))
