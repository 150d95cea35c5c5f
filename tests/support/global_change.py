"""Global change as a person does it: the tab is sent to the preview, and what the preview shows is confirmed."""

from typing import Any

from tests.support.pages import Form, form_to, forms_of, words
from tests.support.people import Person
from tests.support.world import World

Parts = tuple[tuple[str, str], ...]


def confirmed(person: Person, preview: Any, **changes: Any) -> Any:
    """Apply what a preview shows; `changes` are other ticks."""
    assert preview.status_code == 200, words(preview.text)[:600]
    form = preview_form(preview.text)
    return person.post(form.action, **form.sent(**({"change-do": "apply"} | changes)))


def preview_form(html: str) -> Form:
    """The form of a preview."""
    (form,) = [one for one in forms_of(html) if "change-version" in one.fields]
    return form


def tab_sent(person: Person, kind: str, document: int, line: int, tab: str, **fields: Any) -> Any:
    """The preview for a tab of a line, sent as the line's page would, with some fields changed."""
    page = person.get(f"/{kind}/line/{document}/{line}/")
    form = form_to(page.text, "")
    return person.post(f"/{kind}/change/{document}/{tab}?line={line}", **form.sent(**fields))


def split_sent(
    person: Person,
    world: World,
    kind: str,
    document: int,
    parts: Parts,
    basis: str = "percent",
    line: int | None = None,
) -> Any:
    """The preview for a split of the funding, from a line's page or from the document's."""
    return person.post(
        f"/{kind}/change/{document}/funding" + (f"?line={line}" if line else ""),
        basis=basis,
        strip=[str(world.ids[strip]) for strip, _ in parts],
        share=[share for _, share in parts],
    )


def fund_alike(person: Person, world: World, kind: str, document: int, *parts: tuple[str, str]) -> Any:
    """One split in percent for every line."""
    return confirmed(person, split_sent(person, world, kind, document, parts))
