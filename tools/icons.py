"""Builds app/static/ui/icons/sprite.svg from an unpacked @tabler/icons package.

The names are in tools/icons.txt; to add an icon, add its name there and run

    npm pack @tabler/icons && tar xzf tabler-icons-*.tgz
    python tools/icons.py package
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPRITE = HERE.parent / "app" / "static" / "ui" / "icons" / "sprite.svg"
STROKED = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round"'
)
FILLED = 'viewBox="0 0 24 24" fill="currentColor"'
# Tabler draws the frame of its grid as an invisible path; a sprite does not need it.
GRID_FRAME = re.compile(r'<path[^>]*d="M0 0h24v24H0z"[^>]*/>')
FILLED_SUFFIX = "-filled"


def icon_names(listing: str) -> list[str]:
    """The names in the list, without notes and blank lines."""
    lines = (line.strip() for line in listing.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def symbol(name: str, drawing: str) -> str:
    """One icon as a <symbol>, so that a page can draw it with <use href="sprite.svg#name">."""
    shapes = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    if shapes is None:
        raise ValueError(f"{name}: the file holds no <svg> element")
    strokes = " ".join(GRID_FRAME.sub("", shapes.group(1)).split())
    return f'<symbol id="{name}" {FILLED if name.endswith(FILLED_SUFFIX) else STROKED}>{strokes}</symbol>'


def drawing_of(package: Path, name: str) -> str:
    """The SVG file of an icon: names that end in -filled are in the folder of filled icons."""
    style, stem = ("filled", name.removesuffix(FILLED_SUFFIX)) if name.endswith(FILLED_SUFFIX) else ("outline", name)
    return (package / "icons" / style / f"{stem}.svg").read_text(encoding="utf-8")


def sprite(package: Path, names: list[str]) -> str:
    """The whole sprite; an unknown name raises FileNotFoundError, which names the missing file."""
    symbols = "\n".join(symbol(name, drawing_of(package, name)) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/icons.py UNPACKED_PACKAGE_FOLDER")
    names = icon_names((HERE / "icons.txt").read_text(encoding="utf-8"))
    SPRITE.parent.mkdir(parents=True, exist_ok=True)
    SPRITE.write_text(sprite(Path(sys.argv[1]), names), encoding="utf-8")
    print(f"{len(names)} icons in {SPRITE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
