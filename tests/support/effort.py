"""Counts what a job costs a person: clicks, taps and keys. What they type is apart, as in the budgets of the design."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page


@dataclass
class Effort:
    """A page through which everything goes that is counted."""

    page: Page
    clicks: int = 0
    keys: int = 0
    taps: int = 0

    def click(self, target: Locator) -> None:
        """One click, once the page's scripts have started."""
        self.ready()
        target.click()
        self.clicks += 1

    def tap(self, target: Locator) -> None:
        """One tap of a finger."""
        self.ready()
        target.tap()
        self.taps += 1

    def press(self, *names: str) -> None:
        """One key after the other; with Ctrl it is one."""
        for name in names:
            self.ready()
            self.page.keyboard.press(name)
            self.keys += 1

    def type(self, text: str) -> None:
        """Data, where the cursor stands: not counted."""
        self.ready()
        self.page.keyboard.type(text)

    def ready(self) -> None:
        """Wait as a person does, until the page answers."""
        self.page.wait_for_selector("html[data-ready]")

    def spent(self) -> tuple[int, int, int]:
        """Clicks, keys, taps."""
        return self.clicks, self.keys, self.taps
