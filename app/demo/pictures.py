"""Small pictures of items: a plain drawing in the colour of the category. They illustrate and do not portray."""

from collections.abc import Callable
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

WIDTH, HEIGHT, FINE = 240, 180, 3
PAPER, INK = "#eef1f3", "#46525f"
COLORS = {"blue": "#1b4fae", "black": "#20262c", "red": "#b3262b", "yellow": "#d8a400"}

Pencil = ImageDraw.ImageDraw
Box = tuple[float, float, float, float]


@cache
def png(icon: str) -> bytes:
    """The picture of a kind of thing, such as “pen-blue” or “chair”, as PNG. Errors: KeyError for an unknown kind."""
    shape, _, color = icon.partition("-")
    draw, fill = DRAWINGS[shape]
    canvas = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PAPER)
    draw(ImageDraw.Draw(canvas), COLORS.get(color, fill))
    small = canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(48)
    out = BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def _at(*points: float) -> list[float]:
    return [point * FINE for point in points]


def _bar(pencil: Pencil, box: Box, fill: str, radius: int = 6) -> None:
    pencil.rounded_rectangle(_at(*box), radius * FINE, fill=fill)


def _line(pencil: Pencil, points: tuple[float, ...], fill: str, width: int = 5) -> None:
    pencil.line(_at(*points), fill=fill, width=width * FINE, joint="curve")


def _pen(pencil: Pencil, fill: str) -> None:
    _line(pencil, (60, 140, 160, 50), fill, 16)
    _line(pencil, (160, 50, 182, 30), INK, 12)
    pencil.polygon(_at(60, 140, 44, 154, 52, 130), fill=INK)


def _marker(pencil: Pencil, fill: str) -> None:
    _line(pencil, (64, 134, 140, 66), fill, 30)
    _line(pencil, (144, 62, 172, 38), INK, 26)
    _line(pencil, (56, 142, 66, 132), INK, 12)


def _paper(pencil: Pencil, fill: str) -> None:
    for shift in (12, 6, 0):
        _bar(pencil, (70 + shift, 30 + shift, 158 + shift, 138 + shift), fill if shift else "#ffffff", 3)
    for row in range(5):
        _line(pencil, (84, 52 + 16 * row, 144, 52 + 16 * row), PAPER, 4)


def _folder(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (50, 50, 110, 80), fill)
    _bar(pencil, (50, 62, 190, 140), fill)
    _line(pencil, (58, 78, 182, 78), PAPER, 3)


def _keyboard(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (34, 66, 206, 126), fill)
    for row in range(3):
        for column in range(10):
            _bar(pencil, (44 + 15.5 * column, 74 + 14 * row, 55 + 15.5 * column, 84 + 14 * row), PAPER, 2)
    _bar(pencil, (80, 115, 160, 121), PAPER, 2)


def _mouse(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (92, 50, 148, 140), fill, 28)
    _line(pencil, (120, 52, 120, 84), PAPER, 3)
    _line(pencil, (120, 50, 126, 28, 160, 22), INK, 4)


def _monitor(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (50, 34, 190, 122), INK)
    _bar(pencil, (57, 41, 183, 115), fill, 3)
    _bar(pencil, (112, 122, 128, 142), INK, 1)
    _bar(pencil, (88, 140, 152, 148), INK, 3)


def _printer(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (80, 30, 160, 70), "#ffffff", 2)
    _bar(pencil, (50, 62, 190, 122), fill)
    _bar(pencil, (76, 104, 164, 148), "#ffffff", 2)
    _bar(pencil, (166, 74, 178, 82), PAPER, 3)


def _cabinet(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (74, 24, 166, 156), fill)
    for row in range(3):
        _bar(pencil, (82, 34 + 40 * row, 158, 68 + 40 * row), PAPER, 3)
        _bar(pencil, (110, 48 + 40 * row, 130, 53 + 40 * row), INK, 2)


def _desk(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (34, 66, 206, 80), fill, 3)
    _bar(pencil, (46, 80, 58, 146), INK, 1)
    _bar(pencil, (146, 80, 194, 146), fill, 2)
    for row in range(3):
        _line(pencil, (160, 92 + 20 * row, 180, 92 + 20 * row), PAPER, 4)


def _chair(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (88, 26, 152, 88), fill, 12)
    _bar(pencil, (80, 94, 160, 110), fill, 8)
    _line(pencil, (120, 110, 120, 136), INK, 8)
    _line(pencil, (88, 152, 120, 134, 152, 152), INK, 7)


def _sign(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (115, 90, 125, 158), INK, 2)
    _bar(pencil, (62, 28, 178, 98), fill)
    _line(pencil, (80, 52, 160, 52), PAPER, 7)
    _line(pencil, (80, 74, 136, 74), PAPER, 7)


def _glove(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (88, 76, 152, 136), fill, 12)
    for finger, top in enumerate((44, 32, 34, 48)):
        _bar(pencil, (88 + 16 * finger, top, 102 + 16 * finger, 96), fill, 7)
    _line(pencil, (92, 104, 68, 78), fill, 14)
    _bar(pencil, (90, 132, 150, 152), INK, 4)


def _bottle(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (108, 26, 132, 50), INK, 3)
    _bar(pencil, (86, 46, 154, 154), fill, 14)
    _bar(pencil, (94, 84, 146, 126), PAPER, 3)


def _box(pencil: Pencil, fill: str) -> None:
    pencil.polygon(_at(50, 66, 120, 36, 190, 66, 120, 96), fill=INK)
    pencil.polygon(_at(50, 70, 118, 100, 118, 158, 50, 128), fill=fill)
    pencil.polygon(_at(122, 100, 190, 70, 190, 128, 122, 158), fill=fill)


def _bulb(pencil: Pencil, fill: str) -> None:
    pencil.ellipse(_at(80, 24, 160, 104), fill=fill)
    _bar(pencil, (102, 98, 138, 120), fill, 2)
    for row in range(3):
        _line(pencil, (102, 126 + 9 * row, 138, 126 + 9 * row), INK, 5)


def _cable(pencil: Pencil, fill: str) -> None:
    for ring in range(4):
        pencil.arc(
            _at(58 + 8 * ring, 30 + 6 * ring, 182 - 8 * ring, 146 - 6 * ring), 20, 380, fill=fill, width=4 * FINE
        )
    _line(pencil, (176, 112, 206, 150), fill, 4)


def _cone(pencil: Pencil, fill: str) -> None:
    pencil.polygon(_at(108, 26, 132, 26, 168, 138, 72, 138), fill=fill)
    pencil.polygon(_at(96, 66, 144, 66, 152, 92, 88, 92), fill=PAPER)
    _bar(pencil, (52, 136, 188, 152), INK, 4)


def _tool(pencil: Pencil, fill: str) -> None:
    _line(pencil, (66, 146, 150, 62), fill, 16)
    pencil.arc(_at(132, 26, 192, 86), 330, 210, fill=INK, width=14 * FINE)


def _projector(pencil: Pencil, fill: str) -> None:
    _bar(pencil, (44, 60, 196, 122), fill, 10)
    pencil.ellipse(_at(136, 66, 186, 116), fill=PAPER)
    pencil.ellipse(_at(146, 76, 176, 106), fill=INK)
    _bar(pencil, (60, 122, 84, 132), INK, 2)


DRAWINGS: dict[str, tuple[Callable[[Pencil, str], None], str]] = {
    "pen": (_pen, COLORS["blue"]),
    "marker": (_marker, COLORS["blue"]),
    "paper": (_paper, "#c6ced6"),
    "folder": (_folder, "#c79a4b"),
    "keyboard": (_keyboard, "#3b4a56"),
    "mouse": (_mouse, "#3b4a56"),
    "monitor": (_monitor, "#4f8fb9"),
    "printer": (_printer, "#5c6b78"),
    "cabinet": (_cabinet, "#7d8a97"),
    "desk": (_desk, "#9a6b3f"),
    "chair": (_chair, "#0a7685"),
    "sign": (_sign, "#2f7d4f"),
    "glove": (_glove, "#6a7fb5"),
    "bottle": (_bottle, "#3f93a8"),
    "box": (_box, "#b98a4e"),
    "bulb": (_bulb, "#e2b93b"),
    "cable": (_cable, "#6b4f8f"),
    "cone": (_cone, "#e0671d"),
    "tool": (_tool, "#8a5a2b"),
    "projector": (_projector, "#46525f"),
}
"""Kind of thing → how it is drawn, in which colour unless its name says another."""
