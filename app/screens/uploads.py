"""Files from outside: taken by content, not by name; small; never unpacked. Source: UP-01 … UP-07."""

import re
import unicodedata
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import IO

import filetype
from PIL import Image

LARGEST = 4_000_000
MOST_PIXELS = 50_000_000
MOST_UNPACKED, MOST_ENTRIES, MOST_RATIO = 50_000_000, 2_000, 100

OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "zip": "application/zip",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""File endings that are accepted, and what they are sent as."""

CONTENT = {
    "pdf": {"pdf"},
    "png": {"png"},
    "jpg": {"jpg"},
    "jpeg": {"jpg"},
    "docx": {"docx", "zip"},
    "xlsx": {"xlsx", "zip"},
    "zip": {"zip", "docx", "xlsx"},
}
"""Ending → what the content may turn out to be."""

RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Unacceptable(Exception):
    """Why a file is not taken, and what to do."""


@dataclass(frozen=True)
class File:
    """A file that was taken."""

    name: str
    media_type: str
    content: bytes


def accept(name: str, stream: IO[bytes], kinds: Collection[str] = KINDS.keys(), encoding: str = "utf-8-sig") -> File:
    """Take a file of some kinds; text in an encoding. Errors: Unacceptable."""
    cleaned = clean_name(name)
    ending = cleaned.rpartition(".")[2].lower()
    if ending not in kinds:
        raise Unacceptable(f"Files of type “{ending or 'none'}” are not taken. Attach {', '.join(sorted(kinds))}.")
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unacceptable(f"{cleaned} is larger than {LARGEST:,} bytes. Attach a smaller file.")
    if not content:
        raise Unacceptable(f"{cleaned} is empty. Attach the file again.")
    _check_content(cleaned, ending, content, encoding)
    return File(cleaned, KINDS[ending], content)


def clean_name(name: str) -> str:
    """A name that is safe to show and to send back: no path, no control or direction marks, not reserved."""
    plain = unicodedata.normalize("NFKC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign for sign in plain if unicodedata.category(sign)[0] != "C").rstrip(" .")
    stem, dot, ending = plain.rpartition(".")
    stem = (stem if dot else ending)[:150].strip(" .") or "file"
    if RESERVED.match(stem):
        stem = f"file-{stem}"
    return f"{stem}.{ending[:10]}" if dot else stem


def _check_content(name: str, ending: str, content: bytes, encoding: str) -> None:
    found = filetype.guess(content)
    if ending in ("txt", "csv"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            raise Unacceptable(f"{name} is not plain text in UTF-8.") from None
        if found is not None or "\x00" in text:
            raise Unacceptable(f"{name} is not what its ending says. Save it again in the right format.")
        return
    if found is None or found.extension not in CONTENT[ending]:
        raise Unacceptable(f"{name} is not what its ending says. Save it again in the right format.")
    if ending in ("png", "jpg", "jpeg"):
        _check_picture(name, content)
    if ending in ("docx", "xlsx", "zip"):
        _check_archive(name, ending, content)


def _check_picture(name: str, content: bytes) -> None:
    """Whole, and of a size that a viewer can open; read as far as its structure, never drawn (UP-07)."""
    try:
        with Image.open(BytesIO(content)) as picture:
            width, height = picture.size
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Unacceptable(f"{name} is not what its ending says. Save it again in the right format.") from None
    if width * height > MOST_PIXELS:
        raise Unacceptable(f"{name} has {width:,} by {height:,} pixels. Make it smaller and attach it again.")


def _check_archive(name: str, ending: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unacceptable(f"{name} cannot be read. Save it again.") from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(content):
        raise Unacceptable(f"{name} would unpack to far more than it seems. It is not taken.")
    names = {entry.filename for entry in entries}
    if any(one.lower().endswith(("vbaproject.bin", ".docm", ".xlsm")) for one in names):
        raise Unacceptable(f"{name} contains macros. Save it without them.")
    inside = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}.get(ending)
    if inside and inside not in names:
        raise Unacceptable(f"{name} is not what its ending says. Save it again in the right format.")
