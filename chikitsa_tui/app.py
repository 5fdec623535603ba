"""The app: signing in, the tabs of a role, themes, and leaving without a trace on the screen."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.geometry import Size
from textual.screen import Screen
from textual.signal import Signal
from textual.widget import AwaitMount
from textual.widgets import Input

from chikitsa_tui.changed_cells import LeanApp
from chikitsa_tui.entrance import Entrance
from chikitsa_tui.faults import places_of
from chikitsa_tui.idle_lock import IdleLock
from chikitsa_tui.keymap import CATALOGUE, SCOPES, load_keys
from chikitsa_tui.live import ChangeFeed
from chikitsa_tui.terminal_input import hung_up
from chikitsa_tui.themes import THEME_NAMES, THEMES
from chikitsa_tui.type_ahead import TypeAhead
from screens.base import RoleScreen, StoreCalls
from screens.context import AppServices, ScreenContext
from screens.help import HelpScreen, ids_on
from screens.lock_keys import LOCK
from screens.login import LoginScreen
from screens.messages import (
    DutyDone,
    HelpWanted,
    ListWanted,
    LiveState,
    SessionLost,
    SignOut,
    TabWanted,
)
from screens.registry import TABS, Tab
from screens.shared.confirm import Confirm
from screens.too_small import TooSmall, is_too_small
from store.errors import Forbidden, StoreError
from store.values import Actor, ChangeView, Duty
from widgets.keys import COMMON, PALETTE, QUIT
from widgets.plain import NoControls, clean

LOOK_SECONDS = 1.0
"""How often the app looks whether it has been unused for long."""
_LAST_RESORT_SECONDS = 10.0
"""How long a terminal whose line was cut may take to keep what was typed and end the login session,
also on a machine that is overloaded; a database that does not answer must not keep it longer."""
_USE = (events.Key, events.Paste, events.MouseEvent)
"""What shows that somebody is there."""
_LOG = logging.getLogger("chikitsa.app")


class ChikitsaApp(LeanApp, inherit_bindings=False):
    """Chikitsa in the terminal."""

    TITLE = "Chikitsa"
    CSS_PATH = Path(__file__).with_name("chikitsa.tcss")
    DEFAULT_MODE = "login"
    ALLOW_SELECT = False
    COMMAND_PALETTE_BINDING = PALETTE.keys
    BINDINGS: ClassVar[list[BindingType]] = [
        QUIT.binding(show=False),
        LOCK.binding(show=False),
        Binding("ctrl+c", "interrupted", show=False, system=True),
    ]

    def __init__(self, services: AppServices) -> None:
        self._fault: Exception | None = None
        super().__init__()
        self.services = services
        self.own_keys = load_keys(services.ui.keys)
        self.changes: Signal[tuple[ChangeView, ...]] = Signal(self, "changes")
        self.feed: ChangeFeed | None = None
        self.actor: Actor | None = None
        self._tabs = 0
        self._at_duty: ScreenContext | None = None
        self.entrance = Entrance(services, self._store_failed)
        self._type_ahead = TypeAhead(self, super().on_event, self._handle_exception)
        self.idle_lock = IdleLock(self, services, self.own_keys.get(LOCK.id), self._uncovered)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = services.ui.theme if services.ui.theme in THEME_NAMES else "dark"
        self.animation_level = "full" if services.ui.animations else "none"
        self.add_mode("login", partial(LoginScreen, services, self.sign_in, self.entrance.register))
        self.set_keymap(self.own_keys)

    async def on_event(self, event: events.Event) -> None:
        """Lock before anything else; and let what is typed wait for the key before it, see
        `type_ahead`.

        That the window has the focus or not is left alone: Textual takes the focus away from a
        field meanwhile, and puts it back into that one although enter has led on; in a browser
        once at every start, so that the password was typed into the field of the name."""
        if isinstance(event, events.AppBlur | events.AppFocus):
            return
        if event.is_forwarded or not isinstance(event, _USE):
            await super().on_event(event)
            return
        if self.idle_lock.wanted_by(event):
            self.action_lock()
            self._type_ahead.wait_for_screen()
            return
        if self.feed is not None and not self.idle_lock.locked:
            self.feed.used()
        if isinstance(event, events.Key | events.Paste):
            await self._type_ahead.take(event)
        else:
            await super().on_event(event)

    # What the terminal gets

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the net that lets no control character through."""
        return [*super().get_line_filters(), NoControls()]

    @property
    def clipboard(self) -> str:
        """What was copied within the app."""
        return self._clipboard

    def copy_to_clipboard(self, text: str) -> None:
        """Keep a copy within the app: patient data never goes to the terminal's clipboard."""
        self._clipboard = text

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Refuse: a picture would hold patient data in a file."""
        self.bell()

    def deliver_screenshot(
        self,
        filename: str | None = None,
        path: str | None = None,
        time_format: str | None = None,
    ) -> str | None:
        """Refuse, as `action_screenshot`."""
        self.bell()
        return None

    def deliver_text(self, *args: Any, **kwargs: Any) -> str | None:
        """Refuse: the app writes no files."""
        self.bell()
        return None

    def deliver_binary(self, *args: Any, **kwargs: Any) -> str | None:
        """Refuse: the app writes no files."""
        self.bell()
        return None

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Refuse: opening a browser would leave the app."""
        self.bell()

    def action_suspend_process(self) -> None:
        """Refuse: a suspended app leaves a shell at the desk."""
        self.bell()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers: nothing that leaves the app or writes a file."""
        yield SystemCommand("Keys", "All keys of this screen", partial(self._help, screen))
        for name in THEME_NAMES:
            yield SystemCommand(
                f"Theme: {name}", f"Use the {name} theme", partial(setattr, self, "theme", name)
            )
        if self.actor is not None:
            yield SystemCommand("Lock", "Cover this terminal", self.action_lock)
        if isinstance(screen, RoleScreen):
            yield SystemCommand("Account", "Your account and sign-ins", screen.action_account)
            yield SystemCommand("Sign out", "End this sign-in", screen.action_sign_out)
        yield SystemCommand("Quit", "Leave Chikitsa", self.action_leave)

    @on(CommandPalette.Opened)
    def _still_cursor(self) -> None:
        for field in self.screen.query(Input):
            field.cursor_blink = False

    # Starting

    def on_mount(self) -> None:
        """Paint the sign-in screen, then open the store behind it."""
        self.set_interval(LOOK_SECONDS, self._lock_when_due)
        self.call_after_refresh(self.entrance.open)
        if not self.is_headless:
            self._watch_terminal()

    def _store_failed(self, error: BaseException) -> None:
        if isinstance(error, StoreError) and isinstance(self.screen, LoginScreen):
            self.screen.say(error.message)
        elif isinstance(error, Exception) and not isinstance(error, StoreError):
            self._handle_exception(error)

    # Signing in and out

    async def sign_in(self, name: str, password: str, code: str = "") -> None:
        """Sign in and show the screens of the role.

        Raises:
            StoreError: whatever the store says against it.
        """
        signed = await self.entrance.sign_in(name, password, code)
        await self._enter(await self.entrance.store(), signed.actor, signed.duty)

    async def _enter(self, store: Any, actor: Actor, duty: Duty | None) -> None:
        tabs = TABS.get(actor.role, ())
        if not tabs:
            raise Forbidden("There is no screen for this account; use the chikitsa command.")
        self.actor = actor
        self.idle_lock.begin(store, actor)
        lost = partial(self._standing_lost, actor)
        self.feed = ChangeFeed(
            self.services, store, actor, self.changes.publish, self._tell_live, lost
        )
        context = ScreenContext(
            self.services,
            store,
            actor,
            self.changes,
            self.feed.look_now,
            tuple(tab.title for tab in tabs),
        )
        self.run_worker(self.feed.run(), group="live", exclusive=True)
        login = self.screen
        if duty is None:
            await self._show_tabs(context)
        else:
            screen = await self.services.run(Tab("", "screens.duty:DutyScreen").load)
            self.add_mode("duty", partial(screen, context, duty))  # type: ignore[arg-type]
            self._at_duty = context
            await self.switch_mode("duty")
        if isinstance(login, LoginScreen):
            login.start_anew()
        self._fit()
        if not self.is_headless and not gc.get_freeze_count():
            # By now nearly all is loaded that lives as long as the app. Looking through it again
            # and again held keys up by 140 ms, every second key.
            gc.freeze()

    async def _show_tabs(self, context: ScreenContext) -> None:
        tabs = TABS[context.actor.role]
        for number, tab in enumerate(tabs, 1):
            screen = await self.services.run(tab.load)
            self.add_mode(f"tab-{number}", partial(screen, context, number))
        self._tabs = len(tabs)
        await self.switch_mode("tab-1")

    @on(DutyDone)
    async def _duty_done(self) -> None:
        """Nothing keeps the person from the screens of the role any more."""
        if self._at_duty is not None:
            context, self._at_duty = self._at_duty, None
            await self._show_tabs(context)
            await self.remove_mode("duty")
            self._fit()

    def _standing_lost(self, actor: Actor, sentence: str) -> None:
        if self.actor is actor:
            self.post_message(SessionLost(sentence))

    def _tell_live(self, live: bool, sentence: str) -> None:
        if sentence:
            self.notify(sentence, severity="error", timeout=60, markup=False)
        for stack in self._screen_stacks.values():
            for screen in stack:
                screen.post_message(LiveState(live))

    @on(TabWanted)
    async def _switch_tab(self, message: TabWanted) -> None:
        if 1 <= message.number <= self._tabs and not self.idle_lock.locked:
            await self.switch_mode(f"tab-{message.number}")

    @on(ListWanted)
    async def _show_list(self, message: ListWanted) -> None:
        """Go to the tab of that title and narrow it."""
        titles = [tab.title for tab in TABS[self.actor.role]] if self.actor else []
        if self.idle_lock.locked:
            return
        if message.title not in titles:
            self.notify("That list is not among your tabs.")
            return
        await self.switch_mode(f"tab-{titles.index(message.title) + 1}")
        if isinstance(self.screen, RoleScreen):
            if message.words:
                self.screen.show_only(message.words)
            else:  # all of it, also where it was narrowed before
                self.screen.action_back()

    @on(SignOut)
    def _sign_out_wanted(self) -> None:
        self._unless_unsaved("Sign out", self._sign_out)

    def _sign_out(self) -> None:
        self.run_worker(self._end_session(), group="sign-out")

    async def _end_session(self) -> None:
        """End the login session for good, then show the sign-in screen."""
        if self.actor is None:
            return
        sentence = ""
        try:
            await self.entrance.sign_out(self.actor)
        except StoreError as error:
            sentence = error.message
        await self._back_to_login(sentence)

    def sign_out_at_end(self) -> None:
        """Once the app has run, end the login session of whoever was still signed in: its token
        was in this process alone, and what the session holds is needed by others."""
        if self.actor is not None:
            with suppress(StoreError):  # then it ends by itself, as an idle one does
                self.entrance.sign_out_now(self.actor)

    @on(SessionLost)
    async def _session_lost(self, message: SessionLost) -> None:
        await self._back_to_login(message.sentence)

    async def _back_to_login(self, sentence: str) -> None:
        """Take every screen of the last person away."""
        if self.actor is None:
            return
        self.actor, self.feed = None, None
        self.idle_lock.end()
        self._type_ahead.forget()
        self.workers.cancel_group(self, "live")
        self._clipboard = ""
        self.clear_notifications()
        await self.switch_mode("login")
        for number in range(1, self._tabs + 1):
            await self.remove_mode(f"tab-{number}")
        if self._at_duty is not None:
            self._at_duty = None
            await self.remove_mode("duty")
        self._tabs = 0
        if isinstance(self.screen, LoginScreen):
            self.screen.start_anew(sentence)
        self._fit()

    # The lock

    def action_lock(self) -> None:
        """Cover everything until the same person gives the password."""
        self._type_ahead.forget()
        self.idle_lock.cover()

    def _lock_when_due(self) -> None:
        if not self.is_running:  # timers go on for a while after the screens have gone
            return
        if self.idle_lock.due:
            self.action_lock()
        else:
            self.idle_lock.warn()

    def _uncovered(self) -> None:
        self._type_ahead.forget()
        self._fit()

    def push_screen(self, *args: Any, **kwargs: Any) -> Any:
        """Show a screen; what the work below a lock wants to show waits for the lock to go."""
        if not self.idle_lock.locked:
            return super().push_screen(*args, **kwargs)
        self.idle_lock.hold(partial(super().push_screen, *args, **kwargs))
        return AwaitMount(self.screen, [])

    def pop_screen(self) -> AwaitComplete:
        """Take the top screen away; what is below a lock cannot take the lock away."""
        if not self.idle_lock.on_top:
            return super().pop_screen()
        self.idle_lock.hold(super().pop_screen)
        return AwaitComplete()

    def notify(self, message: str, *, markup: bool = False, **how: Any) -> None:
        """Show a sentence, never as markup, in the corner; one from below a lock when the lock
        has gone."""
        if self.idle_lock.locked:
            self.idle_lock.hold(partial(self.notify, message, **how))
        else:
            super().notify(clean(message), markup=False, **how)

    def action_command_palette(self) -> None:
        """Search all commands; there is none for somebody before a lock."""
        if not self.idle_lock.locked:
            super().action_command_palette()

    # Help, leaving

    @on(HelpWanted)
    def _help_wanted(self, message: HelpWanted) -> None:
        self._help(message.screen)

    def _help(self, screen: Screen[Any]) -> None:
        here = ids_on(screen)
        tabs = self._tabs if self._tabs > 1 else 0
        without = {f"app.tab-{n}" for n in range(tabs + 1, 10)}
        if self.actor is None or self.idle_lock.locked:
            without.add(LOCK.id)
        actions = [a for a in CATALOGUE if a.id in here and a.id not in without]
        # What is this screen's own comes first, what is everywhere last.
        actions.sort(key=lambda a: a.scope in {a.scope for a in COMMON})
        super().push_screen(HelpScreen(actions, SCOPES, self.own_keys))

    def action_leave(self) -> None:
        """Leave; asks when something typed would be lost."""
        self._unless_unsaved("Quit", self.exit)

    def action_interrupted(self) -> None:
        """ctrl+c ends many programs, but not this one."""
        super().notify(f"{QUIT.keys} leaves Chikitsa.", markup=False)

    def _unless_unsaved(self, title: str, go: Any) -> None:
        unsaved = any(
            screen.unsaved
            for stack in self._screen_stacks.values()
            for screen in stack
            if isinstance(screen, StoreCalls)
        )
        if not unsaved:
            go()
            return
        question = "Something you typed is not saved and would be lost. Go on all the same?"
        if self.idle_lock.locked:
            question = f"Behind this lock something is not saved; it would be lost. {title} anyway?"
        super().push_screen(Confirm(title, question), lambda yes: go() if yes else None)

    # The terminal: its size, and losing it

    def on_resize(self, event: events.Resize) -> None:
        """Cover the screen while the terminal is too small."""
        self._fit(event.size)

    def _fit(self, size: Size | None = None) -> None:
        """`size` is the new size where the app does not know it yet."""
        size = size or self.size
        small, covered = is_too_small(size), isinstance(self.screen, TooSmall)
        if small and not covered:
            super().push_screen(TooSmall())
        elif not small and covered:
            super().pop_screen()

    def _watch_terminal(self) -> None:
        """Leave in order when the line is cut: without this, patient data stays on a shared
        screen, or the process lives on without a terminal."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(name, self._cut_off)
        if sys.__stdin__ is not None:
            on_terminal = sys.__stdin__.isatty()
            self.set_interval(2, partial(self._check_line, sys.__stdin__.fileno(), on_terminal))

    def _cut_off(self) -> None:
        last_resort = threading.Timer(_LAST_RESORT_SECONDS, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()
        self.exit(return_code=1)

    def _check_line(self, fileno: int, on_terminal: bool) -> None:
        if not os.isatty(fileno) if on_terminal else hung_up(fileno):
            self._cut_off()

    # Faults of the program

    def _handle_exception(self, error: Exception) -> None:
        """Remember the fault, so that it is told without what the variables held."""
        self._fault = error
        super()._handle_exception(error)

    def panic(self, *renderables: Any) -> None:
        """End as after any fault: what Textual would print may hold data."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        """One sentence with a reference; the places in the code go to the log, never values."""
        reference = secrets.token_hex(4)
        if self._fault is not None:
            _LOG.error("fault %s: %s", reference, places_of(self._fault))
        sentence = (
            f"Chikitsa had to stop: a fault of the program, reference {reference}. "
            "What was saved is safe. Please tell whoever looks after Chikitsa."
        )
        self._return_code = self._return_code or 1
        self._exit_renderables.append(Text(clean(sentence)))
        self._close_messages_no_wait()
