"""Views of a list: those that it has of itself and those that the person has saved. A saved view is an address: its
arguments are held against what the list offers whenever it is opened, and what the list no longer has is left out and
named. Source: ux, list page; docs/decisions/0032."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import g, redirect, request
from sqlalchemy import select

from app.entities.desk import SavedView
from app.extensions import db
from app.rules.numbers import read_key
from app.screens import listing
from app.screens.gate import actor

Pair = tuple[str, str]

MOST_ARGUMENTS = 60


@dataclass(frozen=True)
class Fitting:
    """The arguments of an address that a list understands today, and in words those that it does not."""

    kept: tuple[Pair, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """As it is saved."""
        return urlencode(self.kept)


def opens_views(view: Callable[..., Any]) -> Callable[..., Any]:
    """A list that opens with the person's own view where the address asks for nothing, and that leaves out what a saved
    view asks of columns which the list no longer has."""

    @functools.wraps(view)
    def opened(self: Any, *args: Any, **kwargs: Any) -> Any:
        address = self.other_address() if request.method in ("GET", "HEAD") else None
        return redirect(address) if address else view(self, *args, **kwargs)

    return opened


class SavedViews:
    """What every list's screen does with its views."""

    entity: Any
    search_columns: Sequence[str]
    order_columns: Sequence[str]
    searched: Sequence[str]
    url: Any
    label: Any
    first_view = ""
    """Which of the list's own views opens by itself."""

    def views(self) -> Sequence[Pair]:
        """The views that the list has of itself: key and label."""
        return (("", "All"),)

    @property
    def list_name(self) -> str:
        """What a saved view calls this list."""
        return str(self.entity.__tablename__)

    def saved(self) -> Sequence[SavedView]:
        """The person's own views of this list, by name. Asked once a request."""
        known = g.setdefault("saved_views", {})
        if self.list_name not in known:
            mine = select(SavedView).where(SavedView.user_id == actor().user_id, SavedView.list_name == self.list_name)
            known[self.list_name] = sorted(db.session.scalars(mine), key=lambda one: one.name.casefold())
        return known[self.list_name]

    def open_view(self) -> SavedView | None:
        """The saved view that the address names; somebody else's is none."""
        key = read_key(request.args.get("saved"))
        return next((one for one in self.saved() if one.id == key), None) if key else None

    def fitting(self, pairs: Iterable[Pair]) -> Fitting:
        """Which of these arguments the list understands."""
        kept: list[Pair] = []
        lost: list[str] = []
        for name, value in list(pairs)[:MOST_ARGUMENTS]:
            text = value.replace("\x00", "").strip()[:200]
            if name.startswith("_flt_") and text:
                kept.append((name, text)) if self._filters(name) else lost.append(_filter_in_words(name, text))
            elif name == "view" and (text or self.first_view):
                kept.append((name, text)) if text in dict(self.views()) else lost.append(f"the view “{text}”")
            elif name == "order" and text:
                kept.append((name, text)) if text in self.order_columns else lost.append(f"the order by {text}")
            elif (name == "dir" and text in ("asc", "desc")) or (name == "size" and text.isdecimal()):
                kept.append((name, text))
            elif name == "q" and text and self.searched:
                kept.append((name, text[:100]))
        return Fitting(tuple(kept), tuple(lost))

    def _filters(self, argument: str) -> bool:
        number, _, name = argument.removeprefix("_flt_").partition("_")
        known = name in self.search_columns and number.isascii() and number.isdecimal()
        return known and int(number[:3]) < len(listing.operators_for(self.entity, name))

    def present(self) -> Fitting:
        """What the address asks for now."""
        return self.fitting(request.args.items(multi=True))

    def stored(self, view: SavedView) -> Fitting:
        """What a saved view asks for today."""
        return self.fitting(parse_qsl(view.query, keep_blank_values=True))

    def is_changed(self, view: SavedView) -> bool:
        """Whether the list shows something else than the view that is open has saved."""
        return set(self.present().kept) != set(parse_qsl(view.query, keep_blank_values=True))

    def address_of(self, view: SavedView) -> str:
        """Where a saved view is opened."""
        return f"{self.url('list')}?{urlencode((*self.stored(view).kept, ('saved', str(view.id))))}"

    def whole_url(self) -> str:
        """Where the list shows everything, also for who has it open with a view of their own."""
        plain = self.first_view or any(one.standard for one in self.saved())
        return f"{self.url('list')}?view=" if plain else str(self.url("list"))

    def other_address(self) -> str | None:
        """Where the list opens instead: with the person's own view when nothing is asked for, and without what a saved
        view asks in vain."""
        if not request.args:
            standard = next((one for one in self.saved() if one.standard), None)
            return self.address_of(standard) if standard is not None else None
        if "saved" in request.args and (found := self.present()).lost:
            return f"{self.url('list')}?{urlencode((*found.kept, ('saved', request.args['saved'])))}"
        return None

    def view_tabs(self) -> Sequence[tuple[str, str, None, bool]]:
        """The tabs above the list: label, address, no count, whether it is open. None where there is no choice."""
        mine, opened = self.saved(), self.open_view()
        here = request.args.get("view", self.first_view)
        tabs = [
            (label, f"{self.url('list')}?view={key}" if key else self.whole_url(), None, not opened and here == key)
            for key, label in self.views()
        ]
        tabs += [(one.name, self.address_of(one), None, one is opened) for one in mine]
        return tabs if len(tabs) > 1 else ()


def _filter_in_words(argument: str, value: str) -> str:
    column = argument.removeprefix("_flt_").partition("_")[2].replace("_", " ") or argument
    return f"the filter “{value}” on {column}"
