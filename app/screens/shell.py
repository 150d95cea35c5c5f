"""The menu beside every page: what a person may open, made once for everybody who may open the same."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request
from markupsafe import Markup

LETTERS = {
    "Home": "h",
    "Inbox": "i",
    "My desk": "k",
    "Find items": "f",
    "Market baskets": "b",
    "Purchase requests": "p",
    "Solicitations": "s",
    "Bids": "w",
    "Master agreements": "m",
    "Delivery orders": "d",
    "Receipts": "r",
    "Invoices": "n",
    "Payment queue": "y",
    "Vendors": "v",
    "Review queue": "q",
    "Catalog items": "c",
    "Funding strips": "u",
    "Reports": "t",
}
"""Menu entry → the letter that opens it after g. Only the pages that people open all day have one."""


@dataclass(frozen=True)
class Link:
    """One entry of the menu."""

    name: str
    url: str
    inner: Markup
    letter: str

    def is_here(self, named: str) -> bool:
        """Whether the present page belongs to it: by name, or by its address."""
        if named:
            return named == self.name
        stem = self.url.removesuffix("/list/") if self.url.endswith("/list/") else ""
        full = request.full_path.rstrip("?")
        return self.url in (full, request.path) or bool(stem and request.path.startswith(f"{stem}/"))


@dataclass(frozen=True)
class Section:
    """One part of the menu; the first has no label."""

    label: str
    links: tuple[Link, ...]


def menu() -> tuple[Section, ...]:
    """The menu of the person who asks. It follows from their grants alone."""
    if g.get("actor") is None:
        return ()
    menus: dict[frozenset[tuple[str, str]], tuple[Section, ...]] = current_app.extensions.setdefault("menus", {})
    if g.actor.grants not in menus:
        menus[g.actor.grants] = _made()
    return menus[g.actor.grants]


def _made() -> tuple[Section, ...]:
    items = [one for one in current_app.appbuilder.menu.get_list() if _seen(one)]  # type: ignore[attr-defined]
    alone = Section("", tuple(_link(one) for one in items if not one.childs))
    # Who may sign in comes last, wherever it was registered.
    sections = sorted((one for one in items if one.childs), key=lambda one: one.name == "Security")
    inner = [Section(str(one.label), tuple(_link(child) for child in one.childs if _seen(child))) for one in sections]
    return tuple(one for one in (alone, *inner) if one.links)


def _seen(item: Any) -> bool:
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]
    return item.name != "-" and bool(item.should_render()) and bool(sm.has_access("menu_access", item.name))


def _link(item: Any) -> Link:
    icons: Any = current_app.jinja_env.get_template("components/icons.html").module
    inner = Markup("{}<span data-label>{}</span>").format(icons.menu_icon(item.icon), item.label)
    return Link(item.name, item.get_url(), inner, LETTERS.get(item.name, ""))


def install(app: Flask) -> None:
    """Give every page its menu and its icons."""
    app.jinja_env.globals["shell_menu"] = menu
    app.jinja_env.globals["sprite"] = f"{app.static_url_path}/ui/icons/sprite.svg"
