"""UP: files: too large, too many inside, not what they say, named to do harm."""

import struct
import time
import zipfile
import zlib
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from app.models import Attachment
from tests.abuse.evidence import nothing_changes, refusals
from tests.support.making import a_basket, records
from tests.support.people import Person

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"


def zipped(entries: dict[str, bytes]) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return into.getvalue()


DOCX = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
XLSX = zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"})


def png(width: int, height: int) -> bytes:
    """The head of a picture of that size, and nothing to draw it with."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, height)).save(made, "JPEG")
    return made.getvalue()


@pytest.fixture
def pinned(world, sign_in):
    """Try to pin a file to a draft: what the page answered, and the attachments that there are then."""
    basket, person = a_basket(world), sign_in("requester")

    def pin(name: str, content: bytes):
        sent = name.replace('"', "%22")  # as browsers write it into the request
        answer = person.post(f"/market-basket/attach/{basket}", file=(BytesIO(content), sent))
        with records(world) as session:
            kept = list(session.scalars(select(Attachment).order_by(Attachment.id)))
            return answer, [(one.file_name, one.media_type, one.size) for one in kept]

    pin.basket, pin.person = basket, person
    return pin


def test_good_files_are_taken(pinned):
    for number, (name, content) in enumerate(
        {
            "a.pdf": PDF,
            "b.png": png(2, 2),
            "c.jpg": jpeg(2, 2),
            "d.docx": DOCX,
            "e.xlsx": XLSX,
            "f.txt": b"Hello",
            "g.csv": "a;\u00e4\n".encode(),
            "h.zip": zipped({"a.txt": b"x"}),
        }.items(),
        1,
    ):
        answer, kept = pinned(name, content)
        assert answer.status_code == 200 and len(kept) == number, name
        assert kept[-1][0] == name


# UP-01: size.


def test_up_01_four_million_bytes_and_not_one_more(world, pinned):
    answer, kept = pinned("big.txt", b"x" * 4_000_000)
    assert answer.status_code == 200 and kept[0][2] == 4_000_000
    with nothing_changes(world):
        answer, kept = pinned("bigger.txt", b"x" * 4_000_001)
        assert "larger than 4,000,000 bytes" in answer.text and len(kept) == 1
        answer, kept = pinned("none.txt", b"")
        assert "is empty" in answer.text and len(kept) == 1


def test_up_01_a_request_beyond_all_measure_is_not_even_read(world, pinned):
    with nothing_changes(world):
        answer, _ = pinned("huge.txt", b"x" * 21_000_000)
        assert answer.status_code == 413 and "20 megabytes" in answer.text


@pytest.mark.parametrize("length", ["", "0", "10", "-5", "99999999999", "abc"])
def test_up_01_a_wrong_length_stores_nothing(world, pinned, length):
    """No Content-Length, one that is too small, too large, or none at all."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        + pinned.person.token.encode()
        + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc\r\n--b--\r\n'
    )
    with nothing_changes(world):
        answer = pinned.person.client.post(
            f"/market-basket/attach/{pinned.basket}",
            input_stream=BytesIO(body),
            content_type="multipart/form-data; boundary=b",
            environ_overrides={"CONTENT_LENGTH": length},
        )
        assert answer.status_code in (400, 413), answer.status_code


def test_up_01_a_stream_without_an_end_is_cut_off(world, pinned):
    """Chunked: no length is announced, and more comes than a request may have."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    with nothing_changes(world):
        answer = pinned.person.client.post(
            f"/market-basket/attach/{pinned.basket}",
            input_stream=BytesIO(head + b"x" * 21_000_000),
            content_type="multipart/form-data; boundary=b",
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
        assert answer.status_code in (400, 413)


def test_up_01_many_parts_in_one_form_are_one_file_or_none(world, pinned):
    person = pinned.person
    answer = person.client.post(
        f"/market-basket/attach/{pinned.basket}",
        data={"csrf_token": person.token, "file": [(BytesIO(b"abc"), f"{number}.txt") for number in range(40)]},
        content_type="multipart/form-data",
        follow_redirects=True,
    )
    assert answer.status_code == 200
    with records(world) as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1
    with nothing_changes(world):
        answer = person.client.post(
            f"/market-basket/attach/{pinned.basket}",
            data={"csrf_token": person.token} | {f"field{number}": "x" for number in range(1500)},
            content_type="multipart/form-data",
        )
        assert answer.status_code in (400, 413)


# UP-02: archives that unpack to more than they seem.

BOMBS = {
    "ratio.zip": lambda: zipped({"a": b"\0" * 30_000_000}),
    "total.zip": lambda: zipped({f"{number}": bytes([number]) * 6_000_000 for number in range(9)}),
    "entries.zip": lambda: zipped({f"{number}.txt": b"" for number in range(2_001)}),
    "bomb.docx": lambda: zipped({"word/document.xml": b"\0" * 60_000_000}),
    "bomb.xlsx": lambda: zipped({"xl/workbook.xml": b"<x/>", "xl/sheet1.xml": b" " * 60_000_000}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_up_02_a_bomb_is_refused_by_its_table_of_contents(world, pinned, name):
    content = BOMBS[name]()
    with nothing_changes(world):
        begun = time.process_time()
        answer, kept = pinned(name, content)
        assert kept == [] and "far more than it seems" in answer.text
        assert time.process_time() - begun < 5, "nothing is unpacked to find out"


def test_up_02_a_lie_about_the_size_inside_is_never_unpacked(world, pinned):
    """The directory says one byte. We send the file back as it is, so what it would unpack to stays its own affair."""
    content = bytearray(zipped({"a.txt": b"x" * 1000}))
    where = content.rfind(b"PK\x01\x02") + 24
    content[where : where + 4] = struct.pack("<I", 1)
    answer, kept = pinned("lie.zip", bytes(content))
    assert answer.status_code == 200 and len(kept) <= 1


# UP-03: content that is not what its ending says.

DISGUISED = {
    "picture.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page.pdf": b"<html><script>alert(1)</script></html>",
    "late.pdf": b"<html></html>" + PDF,
    "photo.jpg": PDF,
    "program.pdf": b"MZ\x90\0\3\0\0\0",
    "elf.txt": b"\x7fELF\2\1\1\0",
    "letter.docx": PDF,
    "archive.docx": zipped({"a.txt": b"x"}),
    "sheet.xlsx": DOCX,
    "gif.txt": b"GIF89a=1;alert(1)//",
    "nul.txt": b"a\0b",
    "latin.txt": b"\xe4\xf6\xfc",
    "pdf.txt": PDF,
    "zip.csv": zipped({"a": b"x"}),
    "short.png": b"\x89PNG",
    "text.zip": b"PK",
    "broken.zip": b"PK\x03\x04" + b"\0" * 40,
}
NOT_TAKEN = (
    "a.svg",
    "a.html",
    "a.htm",
    "a.xml",
    "a.js",
    "a.exe",
    "a.docm",
    "a.xlsm",
    "a.doc",
    "a.xls",
    "a.rtf",
    "a.eml",
    "a.lnk",
    "a.jar",
    "a.php",
    "a.pdf.exe",
    "a.txt.",
    "a",
    ".htaccess",
    "a.PDF.js",
    "a.zip\u202e",
)


@pytest.mark.parametrize("name", DISGUISED)
def test_up_03_what_is_not_what_its_ending_says_is_refused(world, pinned, name):
    with nothing_changes(world):
        answer, kept = pinned(name, DISGUISED[name])
        assert answer.status_code == 200 and kept == []
        assert "not" in answer.text.lower()


@pytest.mark.parametrize("name", [one for one in NOT_TAKEN if one not in ("a.txt.", "a.zip\u202e")])
def test_up_03_only_known_endings_are_taken(world, pinned, name):
    with nothing_changes(world):
        answer, kept = pinned(name, b"Hello")
        assert kept == [] and ("are not taken" in answer.text or "Choose a file" in answer.text), kept


def test_up_03_what_is_sent_back_is_never_drawn_by_the_browser(world, pinned):
    """Text that is a page, as far as a browser is concerned, comes as a download of plain text."""
    pinned("page.txt", b"<html><script>alert(1)</script></html>")
    with records(world) as session:
        paper = session.scalar(select(Attachment.id))
    answer = pinned.person.get(f"/market-basket/file/{pinned.basket}/{paper}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        "sandbox" in answer.headers["Content-Security-Policy"]
        or "script-src 'self'" in answer.headers["Content-Security-Policy"]
    )


# UP-05: names.

NAMES = (
    "../../etc/passwd.txt",
    "..\\..\\windows\\a.txt",
    "/etc/a.txt",
    "C:\\a.txt",
    "CON.txt",
    "nul.txt",
    "LPT1.txt",
    "a\u202etxt.exe.txt",
    "a\u200b.txt",
    "x" * 300 + ".txt",
    "a\tb.txt",
    " .txt",
    "....txt",
    '"><img src=x>.txt',
    "a;rm -rf.txt",
    "a%00.txt",
    "a%2e%2e.txt",
    "\u043a\u0430\u0448\u0430.txt",
    "\U0001f600.txt",
    "a'b\"c.txt",
    "-rf.txt",
    "~.txt",
    "a:b.txt",
    "\uff0e\uff0e\uff0fx.txt",
)


@pytest.mark.parametrize("name", NAMES)
def test_up_05_a_name_does_no_harm(world, pinned, name):
    answer, kept = pinned(name, b"abc")
    assert answer.status_code == 200
    assert len(kept) == 1, "a bad name is no reason not to take the file"
    shown = kept[0][0]
    assert shown.endswith(".txt") and 5 <= len(shown) <= 200
    assert not set(shown) & set("/\\\0\r\n\t\u202e\u200b") and not shown.startswith(".")
    assert shown.split(".")[0].lower() not in ("con", "nul", "lpt1")
    with records(world) as session:
        paper = session.scalar(select(Attachment.id))
    sent = pinned.person.get(f"/market-basket/file/{pinned.basket}/{paper}")
    assert sent.data == b"abc"
    header = sent.headers["Content-Disposition"]
    assert "\n" not in header and header.isascii() and header.startswith("attachment; filename")


def test_up_05_a_file_without_a_name_is_no_file(world, pinned):
    with nothing_changes(world):
        answer, kept = pinned("", b"abc")
        assert answer.status_code == 200 and kept == []


# UP-06: macros.


@pytest.mark.parametrize(
    "name, inside",
    [
        ("a.docx", {"word/document.xml": b"<w/>", "word/vbaProject.bin": b"x"}),
        ("a.xlsx", {"xl/workbook.xml": b"<x/>", "xl/VBAPROJECT.BIN": b"x"}),
        ("a.zip", {"inner/letter.docm": b"x"}),
        ("a.zip", {"SHEET.XLSM": b"x"}),
    ],
)
def test_up_06_macros_are_refused(world, pinned, name, inside):
    with nothing_changes(world):
        answer, kept = pinned(name, zipped(inside))
        assert kept == [] and "contains macros" in answer.text


# UP-07: pictures that are large when drawn.


def test_up_07_a_picture_is_never_drawn_by_the_server(world, pinned):
    """A thousand bytes that claim 50,000 by 50,000 pixels: kept or refused at once, never decoded."""
    begun = time.process_time()
    answer, _ = pinned("flood.png", png(50_000, 50_000))
    assert answer.status_code == 200
    assert time.process_time() - begun < 2


def test_a_person_who_only_reads_pins_nothing_to_what_is_not_theirs(world):
    basket = a_basket(world)
    stranger = Person(world.app, "stranger")
    with nothing_changes(world):
        assert stranger.post(f"/market-basket/attach/{basket}", file=(BytesIO(b"abc"), "a.txt")).status_code == 404


# UP-10: another file under the same name.


def test_up_10_a_file_that_was_swapped_is_not_handed_out(world, pinned):
    """Whoever has the database changes the paper after the approval; who opens it is told, and it is on record."""
    pinned("offer.pdf", PDF)
    with records(world) as session:
        paper, digest = session.execute(select(Attachment.id, Attachment.digest)).one()
    assert f"fingerprint {digest[:12]}" in pinned.person.get(f"/market-basket/show/{pinned.basket}").text
    assert pinned.person.get(f"/market-basket/file/{pinned.basket}/{paper}").data == PDF
    with records(world) as session:
        session.execute(update(Attachment).values(content=PDF.replace(b"obj", b"OBJ")))
        session.commit()
    answer = pinned.person.get(f"/market-basket/file/{pinned.basket}/{paper}")
    assert answer.status_code == 409
    assert "offer.pdf is not the file that was attached" in answer.text
    assert any("offer.pdf differs from what was attached" in one for one in refusals(world))
