"""A run of the benchmarks: a measure that breaks costs no other its figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bench.__main__ import Run
from bench.figures import Figure, Missing
from bench.setting import Setting
from bench.table import show
from store import patient_search
from store.front_door import Store
from store.patient_rows import insert_patient
from store.values import PatientInput
from tests.clinic import SYSTEM


class Measure(ModuleType):
    """A measure as its module would be."""

    def __init__(self, name: str, *ours: float, engines: tuple[str, ...] = ("sqlite",)) -> None:
        super().__init__(name)
        self.ENGINES, self._ours = engines, ours

    def figures(self, _: Setting) -> Iterator[Figure]:
        """One for each number; a negative one breaks."""
        for ours in self._ours:
            if ours < 0:
                raise ValueError("a broken measure")
            yield Figure(self.__name__, ours, 1, "a limit")


def test_a_measure_that_breaks_costs_no_other_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measures: dict[str, ModuleType] = {
        "half": Measure("half", 1, -1, 2),
        "whole": Measure("whole", 3),
        "elsewhere": Measure("elsewhere", 4, engines=("postgresql",)),
    }
    run = Run()
    found = list(run.lines(measures, "sqlite", Setting(tmp_path)))
    told = [(one.what, one.ours) for one in found if isinstance(one, Figure)]
    assert told == [("half", 1), ("whole", 3)]
    missing = {one.what: one.why for one in found if isinstance(one, Missing)}
    assert "a broken measure" in missing["half"]
    assert "sqlite" in missing["elsewhere"]
    assert run.broke == ["half"]
    assert list(run.took) == ["half", "whole"]
    show(found, lambda _: None)
    assert "not measured: it broke" in capsys.readouterr().out


def test_a_hospital_is_filled_once_and_each_measure_has_a_copy(tmp_path: Path) -> None:
    filled: list[int] = []

    def fill(store: Store) -> None:
        filled.append(1)
        admit(store, "Asha Rao")

    def admit(store: Store, name: str) -> None:
        with store.transaction(SYSTEM) as tx:
            insert_patient(tx, PatientInput(name))

    def found(store: Store) -> list[str]:
        return sorted(one.name for one in store.read(SYSTEM, patient_search.search, "rao"))

    setting = Setting(tmp_path)
    with setting.prepared("one", fill) as store:
        admit(store, "Ravi Rao")
        assert found(store) == ["Asha Rao", "Ravi Rao"]
    with setting.prepared("one", fill) as store:
        assert found(store) == ["Asha Rao"]
    assert filled == [1]
    assert list(setting.filled) == ["one"]
