"""A token in letters that are read from across the room, on a printer that has one size alone."""

from __future__ import annotations

_SHAPES = """
0 ### #.# #.# #.# ###
1 .#. ##. .#. .#. ###
2 ### ..# ### #.. ###
3 ### ..# ### ..# ###
4 #.# #.# ### ..# ..#
5 ### #.. ### ..# ###
6 ### #.. ### #.# ###
7 ### ..# .#. .#. .#.
8 ### #.# ### #.# ###
9 ### #.# ### ..# ###
- ... ... ### ... ...
A .#. #.# ### #.# #.#
B ##. #.# ##. #.# ##.
C ### #.. #.. #.. ###
D ##. #.# #.# #.# ##.
E ### #.. ##. #.. ###
F ### #.. ##. #.. #..
G ### #.. #.# #.# ###
H #.# #.# ### #.# #.#
I ### .#. .#. .#. ###
J ..# ..# ..# #.# ###
K #.# #.# ##. #.# #.#
L #.. #.. #.. #.. ###
M #...# ##.## #.#.# #...# #...#
N #..# ##.# #.## #..# #..#
O ### #.# #.# #.# ###
P ### #.# ### #.. #..
Q ### #.# #.# ### ..#
R ##. #.# ##. #.# #.#
S .## #.. .#. ..# ##.
T ### .#. .#. .#. .#.
U #.# #.# #.# #.# ###
V #.# #.# #.# #.# .#.
W #...# #...# #.#.# ##.## #...#
X #.# #.# .#. #.# #.#
Y #.# #.# .#. .#. .#.
Z ### ..# .#. #.. ###
"""

_LETTERS = {line[0]: line[2:].split() for line in _SHAPES.strip().splitlines()}
_ROWS = 5


def big(text: str, width: int) -> list[str]:
    """The text in five lines of `#`, twice as wide where that fits into `width`; no lines where
    it does not fit at all, or has letters that are not drawn here."""
    shapes = [_LETTERS.get(letter) for letter in text.upper()]
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) < len(shapes):
        return []
    rows = [".".join(shape[row] for shape in known) for row in range(_ROWS)]
    for times in (2, 1):
        if len(rows[0]) * times <= width:
            drawn = ("".join(dot * times for dot in row) for row in rows)
            return [row.replace(".", " ") for row in drawn]
    return []
