"""What every screen of a signed-in person has: the frame, the road to the store, its refusals in
the right place, and staying true while others act.

A method that reads is marked `@reading("panel")`: a newer call for the same panel drops the
older one's answer. A method that writes is marked `@acting`: it is never cancelled, and pressing
its key again while it is under way does nothing. In both, `await self.read(rule, …)` and
`await self.write(rule, …)` run a rule of the store in the store's own threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from functools import partial, update_wrapper
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from screens.context import ScreenContext
from screens.messages import HelpWanted, LiveState, SessionLost, SignOut, TabWanted
from store.errors import (
    AnswerLost,
    ChangedMeanwhile,
    NotSignedIn,
    SessionEnded,
    StoreError,
    Unavailable,
)
from store.values import ChangeView, Role
from widgets.form import Form
from widgets.key_bar import KeyBar
from widgets.keys import ACCOUNT, ALL_TABS, BACK, HELP, REFRESH, SIGN_OUT, TABS, bind
from widgets.plain import clean, content, plain
from widgets.status_line import StatusLine
from widgets.top_bar import TabBar, TopBar

SLOW_SECONDS = 0.7
"""After how long a person is told that something is still being saved."""
SAVING = "Saving: the database is busy…"
_DO_IT_AGAIN = (
    "The database went away before it said whether this was saved. "
    "Do the same again when it is back: nothing is done twice."
)
_STANDS_AFTER_ALL = "What you did before the database went away was saved. Look before you go on."

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="StoreCalls")

ROLE_NAMES = {
    Role.ADMIN: "Administration",
    Role.RECEPTION: "Reception",
    Role.DOCTOR: "Doctor",
    Role.PATIENT: "Patient",
}


class StoreCalls(Screen[Any]):
    """A screen or dialog that may ask the store."""

    TOPICS: ClassVar[frozenset[str]] = frozenset()
    """The topics of changes that make what is shown untrue; see `store.changes.Topic`."""

    def __init__(self, context: ScreenContext) -> None:
        super().__init__()
        self.context = context
        self.dirty = False
        """Whether something changed while the screen was hidden."""
        self.gone = False
        """Whether the dialog has been answered or left."""
        self._lit: DOMNode | None = None
        self._under_way: set[str] = set()
        self._in_doubt: tuple[tuple[Any, ...], AnswerLost] | None = None

    @property
    def colours(self) -> Mapping[str, str]:
        """The theme's variables, for the styles of table cells."""
        return self.app.theme_variables

    def watch_focused(self, focused: Widget | None) -> None:
        """Light the panel that has the focus. By a class, and styling the panel alone: where a
        style speaks of `:focus-within`, each move within the panel makes Textual style all that is
        in it anew."""
        around = () if focused is None else focused.ancestors_with_self
        panel = next((node for node in around if node.has_class("panel")), None)
        if panel is not self._lit:
            changed = [node for node in (self._lit, panel) if node is not None]
            for node in changed:
                node.set_class(node is panel, "-lit", update=False)
            self.app.stylesheet.update_nodes(changed)
            self._lit = panel

    @property
    def unsaved(self) -> bool:
        """Whether leaving now would lose what was typed."""
        return any(form.dirty for form in self.query(Form))

    async def read(
        self, rule: Callable[Concatenate[Any, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a reading rule of the store for the person who is signed in. It does not count as
        use of the login session, for screens also read by themselves; the person's keys do."""
        context = self.context
        return await context.services.run(
            context.store.glance, context.actor, rule, *args, **kwargs
        )

    async def write(
        self, rule: Callable[Concatenate[Any, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a writing rule; it finishes whatever becomes of the screen. What is asked for again
        after the database went away without an answer is not done twice.

        Raises:
            ChangedMeanwhile: what was asked for then stands, and is not what is asked for now.
        """
        asked = (rule, args, kwargs)
        waiting = self.set_timer(SLOW_SECONDS, partial(self.show_waiting, True))
        try:
            if (done := await self._done_before(asked)) is not None:
                return cast("T", done.result)
            return await self._to_its_end(self.context.store.write, rule, *args, **kwargs)
        except AnswerLost as lost:
            self._in_doubt = (asked, lost)
            raise Unavailable(_DO_IT_AGAIN) from lost
        finally:
            waiting.stop()
            self.show_waiting(False)

    async def tend(
        self, rule: Callable[Concatenate[Any, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `write`, for what the screen sees to by itself: no use of the login session."""
        return await self._to_its_end(self.context.store.tend, rule, *args, **kwargs)

    async def _to_its_end(self, way: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        context = self.context
        work = context.services.run(way, context.actor, *args, **kwargs)
        try:
            return await asyncio.shield(asyncio.ensure_future(work))
        finally:
            context.look_now()

    async def _done_before(self, asked: tuple[Any, ...]) -> AnswerLost | None:
        """What was in doubt since the database went away, where it stands and the same is asked
        for once more; None where nothing is in doubt or nothing of it stands."""
        if self._in_doubt is None:
            return None
        before, lost = self._in_doubt
        stands = await self.call(self.context.store.stands, lost)
        self._in_doubt = None
        if stands and before != asked:
            raise ChangedMeanwhile(_STANDS_AFTER_ALL)
        return lost if stands else None

    def show_waiting(self, waiting: bool) -> None:
        """Show that something written takes long, or that it has ended."""

    async def call(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work that is no single rule, such as hashing a password."""
        return await self.context.services.run(work, *args, **kwargs)

    def refused(self, error: StoreError) -> None:
        """Put a refusal where it belongs; what was typed stays."""
        if isinstance(error, SessionEnded | NotSignedIn):
            self.post_message(SessionLost(error.message))
            return
        fields: dict[str, str] = error.details.get("fields") or {}
        left = [error.message] if not fields else list(fields.values())
        if fields:
            for form in self.query(Form):
                left = form.show_errors(fields)
        if left:
            self.complain(" ".join(dict.fromkeys(left)))

    def action_help(self) -> None:
        """Show all keys of this screen."""
        self.post_message(HelpWanted(self))

    def complain(self, sentence: str) -> None:
        """Show a refusal that belongs to no field."""
        self.toast(sentence, wrong=True)

    def toast(self, sentence: str, *, wrong: bool = False) -> None:
        """Show a sentence in the corner for some seconds."""
        self.notify(
            clean(sentence),
            severity="error" if wrong else "information",
            timeout=8 if wrong else 3,
            markup=False,
        )

    def concerns(self, change: ChangeView) -> bool:
        """Whether a change makes what is shown untrue."""
        return change.topic in self.TOPICS

    def reload(self) -> None:
        """Read everything that is shown again; the screen says how."""

    def changed(self, changes: tuple[ChangeView, ...]) -> None:
        """Read again what these changes concern; everything, unless the screen knows better."""
        self.reload()

    def on_mount(self) -> None:
        """Follow the feed of changes."""
        self.context.changes.subscribe(self, self._on_changes)

    def _on_changes(self, changes: tuple[ChangeView, ...]) -> None:
        concerning = tuple(change for change in changes if self.concerns(change))
        if not concerning:
            return
        if self.is_current:
            self.changed(concerning)
        else:
            self.dirty = True

    def on_screen_resume(self) -> None:
        """Catch up with what happened while hidden."""
        self.catch_up()

    def catch_up(self) -> None:
        """Read again what could not be read, or was not while hidden."""
        if self.dirty:
            self.dirty = False
            self.reload()

    async def _guarded(self, work: Awaitable[None], *, reads: bool = False) -> None:
        try:
            await work
        except StoreError as error:
            away = reads and isinstance(error, Unavailable)
            if not (away and self.dirty):  # several panels find out at once, and it is told once
                self.refused(error)
            self.dirty = self.dirty or away
        except NoMatches:
            # Where the screen is left, or Textual takes it away (it displays no more), the answer
            # came too late, and there is nothing to show it in.
            if not self.gone and self.display:
                raise

    def on_live_state(self, message: LiveState) -> None:
        """The feed tells whether the store answers; what could not be read is read then."""
        if message.live and self.is_current:
            self.catch_up()


def reading(
    panel: str,
) -> Callable[
    [Callable[Concatenate[S, P], Coroutine[Any, Any, None]]], Callable[Concatenate[S, P], None]
]:
    """Mark a method that reads for a panel: only the newest call's answer is shown."""

    def mark(
        method: Callable[Concatenate[S, P], Coroutine[Any, Any, None]],
    ) -> Callable[Concatenate[S, P], None]:
        def start(self: S, /, *args: P.args, **kwargs: P.kwargs) -> None:
            async def work() -> None:
                await self._guarded(method(self, *args, **kwargs), reads=True)

            _: Worker[None] = self.run_worker(work, group=f"read {panel}", exclusive=True)

        update_wrapper(start, method)
        return start

    return mark


def acting(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[S, P], None]:
    """Mark a method that writes: never cancelled, and not begun twice at once."""
    name = method.__name__

    def start(self: S, /, *args: P.args, **kwargs: P.kwargs) -> None:
        async def work() -> None:
            try:
                await self._guarded(method(self, *args, **kwargs))
            finally:
                self._under_way.discard(name)

        if name not in self._under_way:
            self._under_way.add(name)
            _: Worker[None] = self.run_worker(work, group="write")

    update_wrapper(start, method)
    return start


class RoleScreen(StoreCalls):
    """A tab of a role: top bar, tabs, the screen's own body, status line, keys.

    A subclass gives `body()` and `reload()`, its `TOPICS`, and its keys with `bind(...)`.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = bind(
        HELP, hidden=(SIGN_OUT, ACCOUNT, REFRESH, BACK, *TABS, ALL_TABS)
    )

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context)
        self.tab = tab
        self._minute = context.now().replace(second=0, microsecond=0)

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        actor = self.context.actor
        yield TopBar(
            self.context.services.hospital, actor.name, ROLE_NAMES.get(actor.role, actor.role)
        )
        if len(self.context.tabs) > 1:
            yield TabBar(self.context.tabs, self.tab)
        with Container(id="body"):
            yield from self.body()
        yield StatusLine()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def on_mount(self) -> None:
        """Show the time, read everything once, and follow the clock."""
        self.query_one(TopBar).moment = self._minute
        self.set_interval(1, self._tick)
        self.reload()

    def _tick(self) -> None:
        now = self.context.now()
        if self.is_current:
            self.second_passed(now)
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute and self.is_current:
            self._minute = minute
            self.query_one(TopBar).moment = minute
            self.minute_passed(minute)

    def second_passed(self, now: datetime) -> None:
        """What is counted down by seconds, such as a hold, is shown anew here."""

    def minute_passed(self, now: datetime) -> None:
        """What changes by time alone, such as minutes waited, is shown anew here."""

    def say(self, sentence: str, *, key: str = "", verb: str = "") -> None:
        """Tell in the status line what was done, and which key takes it back."""
        self.query_one(StatusLine).say(sentence, key=key, verb=verb)

    def show_only(self, text: str) -> None:
        """Narrow the list by the words of its filter line; a screen that is none stays as it is."""

    def on_live_state(self, message: LiveState) -> None:
        """Show whether the store answers."""
        self.query_one(TopBar).live = message.live

    def show_waiting(self, waiting: bool) -> None:
        """In the status line."""
        for line in self.query(StatusLine):
            if waiting:
                line.say(SAVING)
            elif line.sentence == SAVING:
                line.say("")

    @on(TabBar.Chosen)
    def _tab_clicked(self, message: TabBar.Chosen) -> None:
        self.post_message(TabWanted(message.number))

    def action_tab(self, number: int) -> None:
        """Go to a tab."""
        self.post_message(TabWanted(number))

    def action_tabs(self) -> None:
        """Choose a tab by its name."""
        from screens.shared.tabs import TabsDialog

        def go(number: int | None) -> None:
            if number is not None:
                self.post_message(TabWanted(number))

        self.app.push_screen(TabsDialog(self.context, self.tab), go)

    def action_sign_out(self) -> None:
        """Sign out."""
        self.post_message(SignOut())

    def action_account(self) -> None:
        """Open one's own account."""
        from screens.account import AccountScreen

        self.app.push_screen(AccountScreen(self.context))

    def action_refresh_all(self) -> None:
        """Read everything again."""
        self.reload()
        self.say(f"Read again at {self.context.now():%H:%M}.")

    def action_back(self) -> None:
        """Back one level; at the top there is nothing to leave."""


class Dialog(StoreCalls, ModalScreen[ScreenResultType]):
    """A dialog over a screen. A subclass gives `body()`; `dismiss(value)` answers, escape None.

    Refusals that belong to no field are shown at the bottom of the dialog, and stay until the
    next attempt. With something typed, escape asks once more.
    """

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, HELP)
    TITLE_TEXT: ClassVar[str] = ""
    WIDTH: ClassVar[int] = 76

    def __init__(self, context: ScreenContext, *, title: str = "") -> None:
        super().__init__(context)
        self.title_text = title or self.TITLE_TEXT
        self._asked_to_leave = False

    def compose(self) -> ComposeResult:
        """A panel with the title in its border."""
        with Vertical(id="dialog") as dialog:
            dialog.border_title = plain(self.title_text)
            dialog.styles.width = self.WIDTH
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield from self.body()
            yield Static("", id="dialog-error", markup=False)
            yield KeyBar()

    def body(self) -> ComposeResult:
        """The dialog's own widgets."""
        yield from ()

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Answer, or leave with None."""
        self.gone = True
        return super().dismiss(result)

    def complain(self, sentence: str) -> None:
        """Show a refusal in the dialog."""
        error = self.query_one("#dialog-error", Static)
        error.update(content("! $s", s=sentence))
        error.add_class("-shown")
        self.query_one("#dialog").add_class("-complaining")

    def show_waiting(self, waiting: bool) -> None:
        """Where refusals are shown."""
        for line in self.query("#dialog-error").results(Static):
            if waiting:
                line.update(plain(SAVING))
                line.add_class("-shown", "-waiting")
            elif line.has_class("-waiting"):
                line.remove_class("-shown", "-waiting")

    def be_quiet(self) -> None:
        """Take the last refusal away."""
        self.query_one("#dialog-error").remove_class("-shown")
        self.query_one("#dialog").remove_class("-complaining")

    def action_back(self) -> None:
        """Leave without doing anything; what was typed is not lost by one key."""
        if self.unsaved and not self._asked_to_leave:
            self._asked_to_leave = True
            self.complain("Nothing is saved yet: esc again leaves, anything else goes on.")
        else:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Any other key means going on."""
        if event.key != "escape" and self._asked_to_leave:
            self._asked_to_leave = False
            self.be_quiet()
