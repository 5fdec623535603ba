"""Keeping a draft while it is being typed: a second after the last key, and again when refused.

What the screen must tell is in `state`: one sentence, and whether all that was typed is safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from screens.doctor.record_form import Gathered
from store import records
from store.draft_merge import Merged, merge
from store.errors import ChangedMeanwhile, IllegalTransition, NotSignedIn, SessionEnded, StoreError
from store.values import RecordInput, RecordView

P = ParamSpec("P")
T = TypeVar("T")


class Write(Protocol):
    """Runs a writing rule of the store for whoever is signed in."""

    def __call__(
        self, rule: Callable[Concatenate[Any, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class DraftState:
    """How the draft stands. `unkept` names what is typed but cannot be kept, `again` says that
    another attempt may succeed, `elsewhere` that another terminal changed a field that was changed
    here too, so that somebody must decide."""

    sentence: str
    safe: bool = True
    unkept: str = ""
    again: bool = False
    elsewhere: bool = False

    @property
    def whole(self) -> str:
        """The sentence with all there is to tell."""
        return f"{self.sentence}, all but: {self.unkept}" if self.unkept else self.sentence


class DraftKeeper:
    """Saves one draft, one attempt at a time, and never over what another terminal wrote: what
    only one of them changed is brought together, what both did is for a person to decide."""

    def __init__(
        self,
        draft: RecordView,
        write: Write,
        gather: Callable[[RecordView], Gathered],
        clock: Callable[[], str],
        show: Callable[[RecordInput, RecordInput], Awaitable[None]],
    ) -> None:
        self.draft = draft
        self.turn = asyncio.Lock()
        self.closed = False
        self._write = write
        self._gather = gather
        self._clock = clock
        self._show = show
        self.state = DraftState(f"draft of {draft.updated_at:%H:%M}")

    def gather(self) -> Gathered:
        """What is typed now."""
        return self._gather(self.draft)

    @property
    def unsaved(self) -> bool:
        """Whether anything typed is not in the store."""
        if self.closed:
            return False
        gathered = self.gather()
        return not gathered.right or gathered.content != self.draft.content

    async def keep(self) -> DraftState:
        """Save what is typed now, as far as it can be kept.

        Raises:
            SessionEnded, NotSignedIn: nothing more can be saved before signing in again.
        """
        async with self.turn:
            if not self.closed:
                self.state = await self._attempt()
            return self.state

    async def join(self) -> tuple[RecordView, Merged]:
        """Look at what another terminal wrote: its draft, and what both come to.

        Raises:
            StoreError: the draft is signed, or cannot be read now.
        """
        assert self.draft.appointment_id is not None
        other = await self._write(records.open_draft, self.draft.appointment_id)
        return other, merge(self.draft.content, self.gather().content, other.content)

    async def settle(self, other: RecordView, content: RecordInput) -> DraftState:
        """Show and save what both terminals' texts come to; the turn is the caller's."""
        mine = self.gather().content
        self.draft = other
        await self._show(mine, content)
        self.state = await self._attempt()
        return self.state

    async def take_in(self) -> DraftState:
        """Take in what another terminal wrote, unless both changed one field."""
        try:
            other, merged = await self.join()
        except (SessionEnded, NotSignedIn):
            raise
        except StoreError as error:
            return DraftState(f"not saved: {error.message}", safe=False)
        if merged.conflicts:
            return DraftState(
                "changed on another terminal too, not saved here: f2 decides",
                safe=False,
                elsewhere=True,
            )
        return await self.settle(other, merged.content)

    async def _attempt(self) -> DraftState:
        gathered = self.gather()
        if gathered.content != self.draft.content:
            try:
                self.draft = await self._write(
                    records.save_draft,
                    self.draft.id,
                    gathered.content,
                    version=self.draft.version,
                )
            except (SessionEnded, NotSignedIn):
                raise
            except ChangedMeanwhile:
                return await self.take_in()
            except StoreError as error:
                again = not isinstance(error, IllegalTransition)
                more = " Trying again." if again else ""
                return DraftState(f"not saved: {error.message}{more}", safe=False, again=again)
        if gathered.right:
            return DraftState(f"draft saved {self._clock()}")
        unkept = gathered.unkept
        return DraftState(f"draft saved {self._clock()}", safe=False, unkept=unkept)
