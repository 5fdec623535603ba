"""Diagnoses: those chosen, and a field that finds ICD-10 codes as one types.

The last offer is always the text as it was written, and text that is still in the field counts as
a diagnosis too: a diagnosis needs no code, and nothing typed is lost. Enter never takes a code
that was not shown yet, unless the code itself was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from store.values import CodeHit, Diagnosis
from widgets.inputs import LineInput
from widgets.plain import content, lines, plain

PAUSE_SECONDS = 0.12
"""How long the typist pauses before codes are looked for."""

MOST_HITS = 40
"""So many codes are offered for a text."""
_SHOWN = 6
"""So many of them are in sight at once."""
_ON_CURSOR = "b $block-cursor-foreground on $block-cursor-background"


class CodeSearch(Vertical):
    """The diagnoses of a record. It asks with `Asked`; whoever knows codes answers with `show`."""

    DEFAULT_CSS = """
    CodeSearch { height: auto; width: 1fr; }
    CodeSearch > Static { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    CodeSearch > .code-search--none { display: none; }
    CodeSearch > LineInput { background: $field; padding: 0 1; }
    CodeSearch > LineInput:focus { background: $field-focus; }
    """

    class Asked(Message):
        """Codes are wanted for a text."""

        def __init__(self, search: CodeSearch, text: str) -> None:
            super().__init__()
            self.search = search
            self.text = text

    class Changed(Message):
        """Another set of diagnoses than before."""

        def __init__(self, search: CodeSearch) -> None:
            super().__init__()
            self.search = search

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chosen: list[Diagnosis] = []
        self.hits: tuple[CodeHit, ...] = ()
        self._answered: str | None = None
        """The text that the hits shown belong to; None while none are shown."""
        self._place = 0
        self._on_chosen: int | None = None
        """The chosen diagnosis under the cursor, counted from 0."""
        self._take_exact = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """What is chosen, the field, the offers."""
        yield Static("", id="chosen", classes="code-search--none", markup=False)
        yield LineInput(placeholder="code or words; free text is fine", max_length=1000)
        yield Static("", id="offers", classes="code-search--none", markup=False)

    @property
    def field(self) -> LineInput:
        """The field to type into."""
        return self.query_one(LineInput)

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What is chosen, and what stands in the field."""
        text = self.field.value.strip()
        return (*self.chosen, self._exact(text) or Diagnosis(text)) if text else tuple(self.chosen)

    def put(self, diagnoses: Iterable[Diagnosis]) -> None:
        """Show these diagnoses and an empty field."""
        self.chosen = list(diagnoses)
        self._on_chosen = None
        with self.prevent(Input.Changed):
            self.field.value = ""
        self._hide_offers()
        self._draw()

    def show(self, text: str, hits: Sequence[CodeHit]) -> None:
        """Offer the codes found for `text`; an answer to an older text is dropped."""
        if text != self.field.value or not text.strip():
            return
        self.hits, self._answered, self._place = tuple(hits[:MOST_HITS]), text, 0
        exact = self._exact(text.strip())
        if self._take_exact and (exact or not self.hits):
            self._take(exact or Diagnosis(text.strip()))
        self._take_exact = False
        self._draw()

    def _exact(self, text: str) -> Diagnosis | None:
        """The diagnosis whose code was typed, if it is among the hits."""
        for hit in self.hits:
            if _bare(hit.code) == _bare(text):
                return Diagnosis(hit.title, hit.code)
        return None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._on_chosen, self._take_exact = None, False
        if not event.value.strip():
            self._hide_offers()
        elif self._timer is None:
            self._timer = self.set_timer(PAUSE_SECONDS, self._ask)
        else:
            self._timer.reset()
        self._draw()
        self.post_message(self.Changed(self))

    def _ask(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.field.value.strip():
            self.post_message(self.Asked(self, self.field.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Take what is under the cursor; on an empty field go on."""
        event.stop()
        text = event.value.strip()
        if self._on_chosen is not None:
            self._bring_back(self._on_chosen)
        elif not text:
            self.screen.focus_next()
        elif self._answered != event.value:
            self._take_exact = True
            self._ask()
        elif self._place < len(self.hits):
            hit = self.hits[self._place]
            self._take(Diagnosis(hit.title, hit.code))
        else:
            self._take(Diagnosis(text))

    def _take(self, diagnosis: Diagnosis) -> None:
        known = [_identity(one) for one in self.chosen]
        if _identity(diagnosis) not in known:
            self.chosen.append(diagnosis)
        with self.prevent(Input.Changed):
            self.field.value = ""
        self._hide_offers()
        self._draw()
        self.post_message(self.Changed(self))

    def _bring_back(self, place: int) -> None:
        """Put a chosen diagnosis back into the field, to be written differently."""
        diagnosis = self.chosen.pop(place)
        self._on_chosen = None
        self.field.value = diagnosis.text
        self.field.cursor_position = len(diagnosis.text)

    def _remove(self, place: int) -> None:
        del self.chosen[place]
        self._on_chosen = min(place, len(self.chosen) - 1) if self.chosen else None
        self._draw()
        self.post_message(self.Changed(self))

    def on_key(self, event: events.Key) -> None:
        """Arrows move among offers, or up to what is chosen; backspace there takes one out."""
        handled = False
        if event.key == "up":
            handled = self._up()
        elif event.key == "down":
            handled = self._down()
        elif event.key == "escape":
            handled = self._on_chosen is not None or self._answered is not None
            self._on_chosen = None
            self._hide_offers()
        elif event.key in ("backspace", "delete") and not self.field.value and self.chosen:
            handled = True
            if self._on_chosen is None:
                self._on_chosen = len(self.chosen) - 1
            else:
                self._remove(self._on_chosen)
        if handled:
            event.stop()
            event.prevent_default()
            self._draw()

    def _up(self) -> bool:
        if self._answered is not None:
            self._place = (self._place - 1) % (len(self.hits) + 1)
        elif self.chosen and not self.field.value and self._on_chosen != 0:
            self._on_chosen = (
                len(self.chosen) - 1 if self._on_chosen is None else self._on_chosen - 1
            )
        else:
            return False
        return True

    def _down(self) -> bool:
        if self._answered is not None:
            self._place = (self._place + 1) % (len(self.hits) + 1)
        elif self._on_chosen is not None:
            following = self._on_chosen + 1
            self._on_chosen = following if following < len(self.chosen) else None
        else:
            return False
        return True

    def on_descendant_blur(self) -> None:
        """Without the focus there is nothing to choose; the text stays and counts."""
        self._on_chosen = None
        self._hide_offers()
        self._draw()

    def on_descendant_focus(self) -> None:
        """Back in the field, look again for what stands there."""
        if self.field.value.strip():
            self._ask()
        self._draw()

    def _hide_offers(self) -> None:
        """Close the list of offers. The hits stay, for a code that was typed in full."""
        self._answered = None
        self._take_exact = False

    def _draw(self) -> None:
        chosen = self.query_one("#chosen", Static)
        chosen.set_class(not self.chosen, "code-search--none")
        chosen.update(lines([*self._chosen_lines()]))
        offers = self.query_one("#offers", Static)
        offers.set_class(self._answered is None, "code-search--none")
        offers.update(lines(self._offer_lines()))
        if self._answered is not None:
            self.call_after_refresh(offers.scroll_visible, animate=False)

    def _chosen_lines(self) -> Iterable[Content]:
        for place, one in enumerate(self.chosen):
            if place == self._on_chosen:
                yield content(
                    f"[{_ON_CURSOR}]› $code $text [/] [$text-muted]enter changes, backspace "
                    "takes out[/]",
                    code=f"{one.code or '·':<6}",
                    text=one.text,
                )
            else:
                yield content(
                    "  [b $accent]$code[/] $text", code=f"{one.code or '·':<6}", text=one.text
                )

    def _offer_lines(self) -> list[Content]:
        offers = [(hit.code, hit.title) for hit in self.hits]
        first = max(0, min(self._place, len(offers) - 1) - _SHOWN + 1)
        in_sight = [*enumerate(offers)][first : first + _SHOWN]
        in_sight.append((len(offers), ("as text", self.field.value.strip())))
        shown = []
        for place, (code, title) in in_sight:
            if place == self._place:
                shown.append(
                    content(f"[{_ON_CURSOR}]› $code $title [/]", code=f"{code:<7}", title=title)
                )
            else:
                shown.append(
                    content(
                        "  [$accent]$code[/] [$text-muted]$title[/]", code=f"{code:<7}", title=title
                    )
                )
        if len(offers) > _SHOWN:
            last = first + _SHOWN
            shown_of_all = f"{first + 1} to {last} of {len(offers)}"
            more = " or more" if len(offers) == MOST_HITS else ""
            shown[-1] += content("   [$text-muted]$place$more[/]", place=shown_of_all, more=more)
        return shown if self._answered is not None else [plain("")]


def _bare(code: str) -> str:
    return code.casefold().replace(".", "").strip()


def _identity(diagnosis: Diagnosis) -> str:
    return _bare(diagnosis.code) if diagnosis.code else diagnosis.text.casefold()
