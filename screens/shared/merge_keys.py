"""The actions of finding and merging patients who are registered twice."""

from __future__ import annotations

from widgets.keys import KeyAction

TWICE = KeyAction(
    "desk.twice", "T", "registered twice", "Who may be registered twice; merge them", "screen.twice"
)
OTHERS = KeyAction("merge.take", "space", "take other", "Keep the other one's particular", "take")
SWAP = KeyAction("merge.swap", "w", "swap", "Let the other one stay", "swap")
MERGE = KeyAction("merge.save", "ctrl+s,f2", "merge", "Merge the two into one", "merge")
NOT_SAME = KeyAction(
    "merge.not_same", "n", "not the same", "Two people; suggest them no more", "not_same"
)
UNDO = KeyAction("merge.undo", "u", "undo", "Take your last merge or mark back", "undo")

ACTIONS: tuple[KeyAction, ...] = (TWICE, OTHERS, SWAP, MERGE, NOT_SAME, UNDO)
"""All of them, in the order of help."""
