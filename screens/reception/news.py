"""What the desk's tabs tell of the waiting list while something else is being done."""

from __future__ import annotations

from screens.base import RoleScreen, reading
from store import waitlist
from store.values import ChangeView, WaitlistNews
from widgets.top_bar import TabBar

TITLE = "Waiting list"
_LOOK_SECONDS = 20


class TellsNews(RoleScreen):
    """A tab of the desk that marks the tab of the waiting list while offers are open there, within
    a second of whoever makes them. It also sees to offers whose time has passed, so that they go
    to the next although no worker runs."""

    def on_mount(self) -> None:
        """Look now, when something changes, and from time to time."""
        self._news_behind = False
        self.load_news()
        self.set_interval(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if self.is_current:
            self.load_news()

    def _on_changes(self, changes: tuple[ChangeView, ...]) -> None:
        super()._on_changes(changes)
        if any(change.topic == "waitlist" for change in changes):
            if self.is_current:
                self.load_news()
            else:
                self._news_behind = True

    def on_screen_resume(self) -> None:
        """Catch up."""
        if self._news_behind:
            self._news_behind = False
            self.load_news()

    @reading("news")
    async def load_news(self) -> None:
        """Read how many offers are open, and mark the tab."""
        if await self.read(waitlist.overdue):
            await self.tend(waitlist.pass_on)
        news = await self.read(waitlist.news)
        for bar in self.query(TabBar):
            bar.mark(TITLE, news_words(news))


def news_words(news: WaitlistNews) -> str:
    """`● 2 offers, call 1`: those without an e-mail address are called. Nothing: no offers."""
    if not news.offers:
        return ""
    count = "1 offer" if news.offers == 1 else f"{news.offers} offers"
    return f"● {count}, call {news.to_call}" if news.to_call else f"● {count}"
