"""Coming in and going out: the store, which opens behind the first screen, and what a visitor may
ask of it. What needs the database library is imported when it is needed."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from importlib import import_module
from typing import Any

from screens.context import AppServices
from store.values import Actor, PatientInput, SessionKind, SignedIn


class Entrance:
    """Opens the store; `failed` is called with the error where that fails."""

    def __init__(self, services: AppServices, failed: Callable[[BaseException], None]) -> None:
        self._services = services
        self._failed = failed
        self._opening: asyncio.Future[Any] | None = None

    def open(self) -> None:
        """Begin to open the store, again where it failed before."""
        gc.enable()  # put off for the first frame, see `cli.start`
        opening = self._opening
        if opening is None or (opening.done() and opening.exception() is not None):
            self._opening = asyncio.ensure_future(self._services.run(self._services.open_store))
            self._opening.add_done_callback(self._opened)

    def _opened(self, opening: asyncio.Future[Any]) -> None:
        error = None if opening.cancelled() else opening.exception()
        if error is not None:
            self._failed(error)

    async def store(self) -> Any:
        """The store, once it is open.

        Raises:
            StoreError: why it is not.
        """
        self.open()
        assert self._opening is not None
        return await asyncio.shield(self._opening)

    async def sign_in(self, name: str, password: str, code: str) -> SignedIn:
        """Sign in at this terminal.

        Raises:
            StoreError: whatever the store says against it.
        """
        store, run = await self.store(), self._services.run
        signing_in = await run(import_module, "store.signing_in")
        signed: SignedIn = await run(
            signing_in.sign_in,
            store,
            name,
            password,
            kind=SessionKind.APP,
            terminal=self._services.terminal,
            code=code,
        )
        return signed

    async def register(self, given: PatientInput, username: str, password: str) -> None:
        """Make a patient and an account to sign in with.

        Raises:
            StoreError: whatever the store says against it.
        """
        store, run = await self.store(), self._services.run
        registration = await run(import_module, "store.registration")
        await run(
            registration.register_self,
            store,
            given,
            username=username,
            password=password,
            terminal=self._services.terminal,
        )

    async def sign_out(self, actor: Actor) -> None:
        """End the actor's login session for good.

        Raises:
            StoreError: whatever the store says against it.
        """
        await self._services.run(self.sign_out_now, actor)

    def sign_out_now(self, actor: Actor) -> None:
        """As `sign_out`, where there is no event loop any more."""
        if self._opening is not None:
            import_module("store.signing_in").sign_out(self._opening.result(), actor)
