"""Vital signs: small fields side by side, each taking what was measured and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from widgets.inputs import LineInput
from widgets.plain import content, lines, plain


@dataclass(frozen=True, slots=True)
class _Sign:
    """A field: its name, label, unit and width in cells."""

    name: str
    label: str
    unit: str
    width: int


_ROWS: tuple[tuple[_Sign, ...], ...] = (
    (
        _Sign("blood_pressure", "BP", "mmHg", 8),
        _Sign("pulse_bpm", "pulse", "/min", 5),
        _Sign("temperature_c", "temp", "°C", 5),
        _Sign("spo2_percent", "SpO2", "%", 4),
        _Sign("respiration_per_min", "resp", "/min", 5),
    ),
    (
        _Sign("weight_kg", "weight", "kg", 7),
        _Sign("height_cm", "height", "cm", 7),
    ),
)
VITAL_NAMES = tuple(sign.name for row in _ROWS for sign in row)


class VitalsRow(Vertical):
    """Two lines of fields; text in, text out. Blood pressure is one field, as it is spoken."""

    DEFAULT_CSS = """
    VitalsRow { height: auto; width: 1fr; }
    VitalsRow Horizontal { height: 1; }
    VitalsRow Label { color: $text-muted; margin-right: 1; }
    VitalsRow LineInput { background: $field; margin-right: 2; padding: 0; }
    VitalsRow LineInput:focus { background: $field-focus; }
    VitalsRow LineInput.-wrong { color: $text-error; text-style: underline; }
    VitalsRow > .vitals--error { display: none; color: $text-error; height: auto; }
    VitalsRow > .vitals--error.-shown { display: block; }
    """

    class Changed(Message):
        """A value is another than before."""

    def compose(self) -> ComposeResult:
        """Two rows, the body mass index, and a line for what is wrong."""
        for number, row in enumerate(_ROWS):
            with Horizontal():
                for sign in row:
                    yield Label(plain(sign.label), markup=False)
                    field = LineInput(placeholder=sign.unit, max_length=20, id=f"vital-{sign.name}")
                    field.styles.width = sign.width
                    yield field
                if number == len(_ROWS) - 1:
                    yield Static("", id="bmi", markup=False)
        yield Static("", classes="vitals--error", markup=False, shrink=True)

    def field(self, name: str) -> LineInput:
        """The field of one vital sign."""
        return self.query_one(f"#vital-{name}", LineInput)

    @property
    def values(self) -> dict[str, str]:
        """What stands in each field, as typed."""
        return {name: self.field(name).value.strip() for name in VITAL_NAMES}

    def put(self, values: Mapping[str, str]) -> None:
        """Put values into the fields."""
        with self.prevent(Input.Changed):
            for name in VITAL_NAMES:
                self.field(name).value = values.get(name, "")

    def show_bmi(self, bmi: str) -> None:
        """Show the body mass index, or nothing."""
        self.query_one("#bmi", Static).update(
            content("[$text-muted]BMI[/] [b]$bmi[/]", bmi=bmi) if bmi else plain("")
        )

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Mark the fields that are refused and say why under them."""
        for name in VITAL_NAMES:
            self.field(name).set_class(name in errors, "-wrong")
        wrong = [content("! $s", s=errors[name]) for name in VITAL_NAMES if name in errors]
        line = self.query_one(".vitals--error", Static)
        line.update(lines(wrong))
        line.set_class(bool(wrong), "-shown")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        event.input.remove_class("-wrong")
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()
