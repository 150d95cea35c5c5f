"""Pages that a strict content policy lets through: no script and no style in a tag, nothing from another host, and
overrides that know which original they replace."""

import hashlib
import json
import re
from importlib.metadata import version
from pathlib import Path

import flask_appbuilder
import pytest

PROJECT = Path(__file__).parents[2]
TEMPLATES = PROJECT / "app" / "templates"
STATIC = PROJECT / "app" / "static"
ORIGINALS = Path(flask_appbuilder.__file__).parent / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
OVERRIDES = sorted((TEMPLATES / "appbuilder").rglob("*.html"))
STYLES, SCRIPTS = sorted((STATIC / "ui").rglob("*.css")), sorted((STATIC / "ui").rglob("*.js"))
relative = {"ids": lambda path: str(path.relative_to(PROJECT / "app"))}

TAG = re.compile(r"<[a-zA-Z][^<>]*>")
HANDLER = re.compile(r"""\son[a-z]+\s*=\s*["'{]""")
STYLE = re.compile(r"""\sstyle\s*=\s*["'{]""")
HOST = re.compile(r"""(?:https?:)?//[a-z0-9-]+\.[a-z]""", re.IGNORECASE)
NAMESPACES = ("http://www.w3.org/", "https://www.w3.org/")
HEADER = re.compile(r"^\{# Overrides flask_appbuilder (\S+) (\S+), sha256 ([0-9a-f]{64}) #\}")


def without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", PAGES, **relative)
def test_a_page_has_no_style_and_no_handler_in_its_tags(path):
    for tag in TAG.findall(without_comments(path.read_text())):
        assert not STYLE.search(tag), tag
        assert not HANDLER.search(tag), tag
        assert "javascript:" not in tag.lower(), tag


@pytest.mark.parametrize("path", PAGES, **relative)
def test_a_form_of_fields_is_judged_by_the_server(path):
    """The browser's own check stops at a required field of a closed part without a word; ours names every problem."""
    for form in re.findall(r"<form\b.*?</form>", without_comments(path.read_text()), flags=re.DOTALL):
        assert "{{ field(" not in form or "novalidate" in form, form[:120]


@pytest.mark.parametrize("path", PAGES, **relative)
def test_what_htmx_sends_along_is_named_as_it_understands(path):
    """Beside other names, "this" names nothing, and a row would be sent without its fields."""
    for names in re.findall(r'hx-include="([^"]*)"', path.read_text()):
        assert names == "this" or "this" not in re.split(r"[,\s]+", names), names


@pytest.mark.parametrize("path", PAGES, **relative)
def test_a_script_comes_from_a_file_or_carries_the_nonce(path):
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", without_comments(path.read_text())):
        assert " src=" in tag or "nonce=" in tag or 'type="application/json"' in tag, tag


@pytest.mark.parametrize("path", [*PAGES, *STYLES, *SCRIPTS], **relative)
def test_nothing_comes_from_another_host(path):
    text = re.sub(r"/\*.*?\*/", "", without_comments(path.read_text()), flags=re.DOTALL)
    hosts = [
        found.group()
        for found in HOST.finditer(text)
        if not text[max(0, found.start()) :].startswith(NAMESPACES)
        and "example." not in text[found.start() : found.start() + 40]
    ]
    assert not hosts


@pytest.mark.parametrize("path", SCRIPTS, **relative)
def test_a_script_needs_no_eval(path):
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function\(|document\.write|insertAdjacentHTML|\.outerHTML\s*=", text)


@pytest.mark.parametrize("path", PAGES, **relative)
def test_text_is_escaped_unless_a_page_says_why(path):
    """`|safe` and `autoescape false` switch the escape off. Only a widget of Flask-AppBuilder, which draws itself, is
    let through: `widgets.get("list")()|safe`."""
    text = without_comments(path.read_text())
    assert "autoescape false" not in text
    drawn = r"[\w.]*widget[\w.]*(\([^()]*\)|\[[^\]]*\])*(\([^()]*\))?|show\(\)"
    for found in re.findall(r"\{\{\s*([^{}]*?)\s*\|\s*safe\b", text):
        assert path in OVERRIDES and re.fullmatch(drawn, found), found


@pytest.mark.parametrize("path", PAGES, **relative)
def test_a_form_that_writes_carries_the_token(path):
    text = without_comments(path.read_text())
    for form in re.findall(r"<form\b.*?</form>", text, flags=re.DOTALL):
        if re.search(r"""method=["']post["']""", form, re.IGNORECASE):
            assert "csrf" in form or "hidden_tag" in form or "form_start" in form or "token()" in form, form[:160]


@pytest.mark.parametrize("path", OVERRIDES, **relative)
def test_an_override_knows_its_original(path):
    """When Flask-AppBuilder changes a page that we replace, somebody looks at what changed."""
    header = HEADER.match(path.read_text())
    assert header, "the first line names the original and its hash"
    release, name, digest = header.groups()
    assert name == str(path.relative_to(TEMPLATES))
    assert release == version("flask-appbuilder")
    assert hashlib.sha256((ORIGINALS / name).read_bytes()).hexdigest() == digest, f"{name} has changed; compare"


def test_every_page_of_flask_appbuilder_that_people_could_meet_is_ours():
    """An original that is not overridden would load Bootstrap, jQuery and their inline scripts."""
    reachable = {
        "base.html",
        "baselayout.html",
        "init.html",
        "navbar.html",
        "navbar_menu.html",
        "navbar_right.html",
        "footer.html",
        "flash.html",
        "index.html",
        "baselib.html",
        "general/lib.html",
        "general/alert.html",
        "general/confirm.html",
        "general/model/list.html",
        "general/model/show.html",
        "general/model/add.html",
        "general/model/edit.html",
        "general/model/search.html",
        "general/widgets/list.html",
        "general/widgets/search.html",
        "general/widgets/show.html",
        "general/widgets/form.html",
        "general/security/login_db.html",
    }
    ours = {str(path.relative_to(TEMPLATES / "appbuilder")) for path in OVERRIDES}
    assert reachable <= ours


def test_vendored_packages_are_what_their_list_says():
    packages = json.loads((STATIC / "vendor" / "vendor.json").read_text())["packages"]
    listed = {}
    for package in packages:
        assert package["version"] and package["licence"] and package["used_for"]
        assert any("LICEN" in one["file"] for one in package["files"]), package["package"]
        listed |= {one["file"]: one["sha256"] for one in package["files"]}
    there = {
        str(path.relative_to(STATIC / "vendor")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file() and path.name not in ("vendor.json", "VENDOR.md")
    }
    assert there == {file: digest for file, digest in listed.items() if (STATIC / "vendor" / file).exists()}
    assert set(there) == set(listed)


def test_every_file_that_a_page_asks_for_is_there():
    asked = {
        found
        for path in PAGES
        for found in re.findall(r"""url_for\(["']static["'], filename=["']([^"'~]+)["']\)""", path.read_text())
    }
    assert asked
    assert not {file for file in asked if not (STATIC / file).exists()}
