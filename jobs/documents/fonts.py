"""The fonts that PDFs are set in: those that this machine has, chosen by what a text needs.

A Latin font with bold is the main one, fonts of other scripts stand in for what it lacks. Where no
TrueType font is found at all, the PDF standard's own Helvetica serves; it has Western European
letters alone. What nothing here can draw is shown by a sign and told, never dropped.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

REMEDY = "Install more fonts (Debian and Ubuntu: apt install fonts-noto-core), or put them into the"
REMEDY += " folder that [documents] fonts names."

SYSTEM_FOLDERS = (
    "~/.local/share/fonts",
    "~/.fonts",
    "/usr/local/share/fonts",
    "/usr/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts/Supplemental",
)
SIGNS = "□�¤"
"""What stands for a character that no font has: the first of these that a font has."""

_LATIN = (
    ("NotoSans-Regular", "NotoSans-Bold"),
    ("DejaVuSans", "DejaVuSans-Bold"),
    ("LiberationSans-Regular", "LiberationSans-Bold"),
    ("FreeSans", "FreeSansBold"),
    ("Arial", "Arial Bold"),
)
_INDIC = {
    "Devanagari": 0x0915,
    "Bengali": 0x0995,
    "Gujarati": 0x0A95,
    "Gurmukhi": 0x0A15,
    "Kannada": 0x0C95,
    "Malayalam": 0x0D15,
    "Oriya": 0x0B15,
    "Tamil": 0x0B95,
    "Telugu": 0x0C15,
}
SCRIPTS = {**_INDIC, "Arabic": 0x0627}
"""The scripts that patients' names are written in here, each with a letter that shows whether a
font has it."""

_OTHERS = (
    *(
        pair
        for script in _INDIC
        for pair in (
            (f"NotoSans{script}-Regular", f"NotoSans{script}-Bold"),
            (f"Lohit-{script}", ""),
        )
    ),
    ("NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold"),
    ("NotoSansArabic-Regular", "NotoSansArabic-Bold"),
    ("DejaVuSans", "DejaVuSans-Bold"),
    ("NotoSansSymbols2-Regular", ""),
    ("NotoSansCJK-Regular", ""),
)
_SUFFIXES = (".ttf", ".otf")
_CORE = frozenset(bytes(range(32, 256)).decode("cp1252", "ignore"))


@dataclass(frozen=True, slots=True)
class Face:
    """A font's file, and that of its bold style where it has one."""

    regular: Path
    bold: Path | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The fonts of one document. `main` is None where Helvetica has to do; `sign` stands for each
    of the characters in `missing`."""

    main: Face | None
    others: tuple[Face, ...]
    sign: str
    missing: frozenset[str]


class Fonts:
    """The fonts of this machine: those in `folder` first, then the system's."""

    def __init__(
        self, folder: Path | None = None, system: Iterable[str | Path] = SYSTEM_FOLDERS
    ) -> None:
        self._own = _files([folder] if folder else [])
        self._files = _files(system) | self._own

    @property
    def main(self) -> Face | None:
        """The font for Latin letters."""
        for face in self._faces(_LATIN):
            return face
        for file in self._own.values():
            if coverage(file) >= _ASCII:
                return Face(file)
        return None

    @property
    def scripts(self) -> list[str]:
        """The scripts, beyond Latin, that can be drawn."""
        have = [coverage(face.regular) for face in self._fallbacks()] if self.main else []
        return [name for name, letter in SCRIPTS.items() if any(letter in one for one in have)]

    def choose(self, texts: Iterable[str]) -> Chosen:
        """The least fonts that draw these texts."""
        needed = {ord(c) for text in texts for c in text if not c.isspace()} - _JOINERS
        main = self.main
        if main is None:
            missing = frozenset(chr(c) for c in needed) - _CORE
            return Chosen(None, (), SIGNS[-1], missing)
        lacking = needed - coverage(main.regular)
        others: list[Face] = []
        sign = next((s for s in SIGNS if ord(s) in coverage(main.regular)), "?")
        for face in self._fallbacks():
            have = coverage(face.regular)
            if lacking & have:
                others.append(face)
                lacking -= have
        return Chosen(main, tuple(others), sign, frozenset(map(chr, lacking)))

    def _faces(self, names: Iterable[tuple[str, str]]) -> Iterator[Face]:
        for regular, bold in names:
            if regular in self._files:
                yield Face(self._files[regular], self._files.get(bold))

    def _fallbacks(self) -> Iterator[Face]:
        yield from self._faces(_OTHERS)
        yield from (Face(file) for file in self._own.values())


_ASCII = frozenset(range(0x21, 0x7F))
_JOINERS = {0x200C, 0x200D, 0x200E, 0x200F}


@lru_cache(maxsize=64)
def coverage(file: Path) -> frozenset[int]:
    """The code points that a font has; none where the file is no font."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(file, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, AssertionError, KeyError, ValueError):
        return frozenset()


def _files(folders: Iterable[str | Path]) -> dict[str, Path]:
    """Each font's file by its name without the suffix; folders named first win."""
    found: dict[str, Path] = {}
    for folder in folders:
        for here, _, names in os.walk(Path(folder).expanduser()):
            for name in sorted(names):
                file = Path(here, name)
                if file.suffix.lower() in _SUFFIXES:
                    found.setdefault(file.stem, file)
    return found
