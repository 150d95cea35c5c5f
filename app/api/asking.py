"""What a call asks for beside its body: the page of a list, and under which key it may be repeated."""

import hashlib

from flask import get_flashed_messages, request

from app.api import fields
from app.api.answers import Wrong
from app.api.resources import Resource
from app.screens import listing
from app.screens.gate import actor

KNOWN = ("q", "order", "page", "size")
LARGEST_PAGE = 1_000_000


def word_for(operator: listing.Operator) -> str:
    """A comparison as the address says it: `total.above=100`, `title.contains=chair`."""
    return operator.words.removeprefix("is ").replace(" ", "_")


def page_wanted(resource: Resource) -> listing.Wanted:
    """What the address asks for. Errors: Wrong for what the list does not offer (RB-05)."""
    wrong: dict[str, list[str]] = {}
    filters = [found for name in request.args if name not in KNOWN for found in _filters(resource, name, wrong)]
    order = request.args.get("order", "")
    usual, downwards = resource.screen.base_sort
    column = order.removeprefix("-") or usual
    if order and column not in resource.screen.order_columns:
        wrong["order"] = [f"It can be ordered by {', '.join(resource.screen.order_columns)}."]
    page, size = _whole("page", 1, LARGEST_PAGE, wrong), _whole("size", resource.screen.page_size, 200, wrong)
    search = request.args.get("q", "").strip()
    if "\x00" in search or len(search) > 100:
        wrong["q"] = ["At most 100 characters, all of them printable."]
    if wrong:
        raise Wrong(wrong)
    return listing.Wanted(filters, search, column, order.startswith("-") if order else downwards, page, size)


def _whole(name: str, usual: int, most: int, wrong: dict[str, list[str]]) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        wrong[name] = [f"Send a whole number from 1 to {most}."]
        return usual
    return int(text)


def _filters(resource: Resource, argument: str, wrong: dict[str, list[str]]) -> list[listing.Filter]:
    name, _, word = argument.partition(".")
    screen = resource.screen
    if name not in screen.search_columns:
        wrong[argument] = [f"It can be searched by {', '.join((*KNOWN, *screen.search_columns))}."]
        return []
    words = {word_for(one): number for number, one in enumerate(listing.operators_for(resource.entity, name))}
    if (word or "is") not in words:
        wrong[argument] = [f"It can be compared by {', '.join(words)}."]
        return []
    values = request.args.getlist(argument)[:5]
    schema = fields.filter_schema(resource.entity, name)
    if not all(
        fields.fits(schema, one) and listing.read_value(resource.entity, name, one) is not None for one in values
    ):
        wrong[argument] = ["The value is not of the column's type."]
        return []
    return [listing.Filter(name, name, words[word or "is"], word, one, one) for one in values]


def key(of: str) -> str:
    """The name under which the call may be repeated without being carried out twice; empty when it has none. It is the
    person's own, and of this very deed."""
    given = request.headers.get("Idempotency-Key", "")
    if len(given) > 200 or not all("!" <= sign <= "~" for sign in given):
        raise Wrong({"Idempotency-Key": ["At most 200 letters, digits and signs, without spaces."]})
    return hashlib.sha256(f"{actor().user_id} {of} {given}".encode()).hexdigest()[:48] if given else ""


def warnings() -> list[str]:
    """What a page would have shown beside its success."""
    return [str(one) for one in get_flashed_messages(category_filter=["warning"])]
