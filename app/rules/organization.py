"""The tree of offices: what may stand below what, and whose sight a move changes. Source: ORG-01, ORG-04."""

from app.entities.organization import Organization

LONGEST_PATH = 400
"""How long a path may be: some sixty levels."""


def ids_of(path: str) -> tuple[int, ...]:
    """The offices that a path leads through, from the top: "/1/5/105/" → 1, 5, 105."""
    return tuple(int(part) for part in path.split("/") if part)


def path_below(above: str, key: int) -> str:
    """The path of an office directly below another; `above` is "/" for the top."""
    return f"{above}{key}/"


def hindrance(office: Organization, to: Organization | None, longest: int) -> str:
    """Why an office cannot be moved below another, or to the top; nothing when it can. `longest` is the length of the
    longest path in what moves along."""
    above = to.path if to is not None else "/"
    if to is not None and (to is office or to.path.startswith(office.path)):
        inside = "is the office itself" if to is office else f"is below {office.name}"
        return f"{to.name} {inside}: an office cannot be below itself. Choose another."
    if office.parent_id == (to.id if to is not None else None):
        return f"{office.name} is there already. Choose another office."
    if to is not None and not to.active:
        return f"{to.name} is not active any more. Choose another office."
    if len(above) + longest - len(office.path) + len(str(office.id)) + 1 > LONGEST_PATH:
        return "The tree would become too deep. Choose an office nearer to the top."
    return ""


def sight_changed(office: Organization, to: Organization | None) -> tuple[set[int], set[int]]:
    """The offices whose people begin to see what moves, and those whose people no longer do: who sees an office are
    the people at it and above it."""
    before = set(ids_of(office.path)) - {office.id}
    after = set(ids_of(to.path)) if to is not None else set()
    return after - before, before - after
