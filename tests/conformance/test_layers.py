"""Imports point one way. The table is the architecture; a new module needs a row in it before anything else."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
APP = PROJECT / "app"

RECORDS = {"entities", "rules"}
SYSTEM = {
    "audit",
    "budget",
    "extensions",
    "facts",
    "filing",
    "integrity",
    "ledger",
    "office",
    "offices",
    "people",
    "reading",
    "rights",
    "scope",
    "sealing",
    "totals",
    "workflow",
}
"""What a screen, a job and a command may use of the inside."""

MAY_IMPORT: dict[str, set[str]] = {
    "sealing": set(),
    "entities": {"entities", "sealing"},
    "rules": RECORDS,
    "access": {"entities"},
    "models": {"entities"},
    "extensions": set(),
    "engine": {"sqlite_words"},
    "logs": {"logs"},
    "sampling": set(),
    "sqlite_words": set(),
    "routes": set(),
    "migrate": {"engine", "sampling"},
    "grants": set(),
    "office": {"rules"},
    "csvfile": {"rules"},
    "cells": {"csvfile", "exports", "rules"},
    "totals": RECORDS,
    "ledger": RECORDS,
    "audit": RECORDS | {"audit"},
    "criteria": set(),
    "scope": RECORDS | {"criteria"},
    "people": RECORDS | {"scope"},
    "integrity": RECORDS | {"scope"},
    "offices": RECORDS | {"scope"},
    "rights": RECORDS | {"people", "scope"},
    "facts": RECORDS | {"facts", "people", "office", "rights"},
    "reading": {"criteria", "entities"},
    "filing": RECORDS,
    "locks": {"entities", "reading"},
    "workflow": RECORDS
    | {
        "audit",
        "facts",
        "filing",
        "integrity",
        "ledger",
        "locks",
        "notify",
        "office",
        "people",
        "reading",
        "scope",
        "totals",
        "workflow",
    },
    "backups": RECORDS | SYSTEM | {"backups", "engine", "migrate"},
    "budget": RECORDS | SYSTEM,
    "search": RECORDS | {"office", "search"},
    "reports": RECORDS | {"office", "reports"},
    "notify": RECORDS | {"office", "people", "scope"},
    "mailing": RECORDS | {"office"},
    "worklists": RECORDS | SYSTEM | {"criteria", "worklists"},
    "exports": set(),
    "transfer": RECORDS | SYSTEM | {"csvfile", "search"},
    "screens": RECORDS
    | SYSTEM
    | {
        "access",
        "cells",
        "criteria",
        "csvfile",
        "exports",
        "grants",
        "migrate",
        "notify",
        "reports",
        "screens",
        "search",
        "transfer",
        "worklists",
    },
    "portal": RECORDS | SYSTEM | {"portal", "reports", "search", "transfer"},
    "api": RECORDS | SYSTEM | {"api", "screens"},
    "views": {"screens"},
    "jobs": RECORDS
    | SYSTEM
    | {"backups", "engine", "jobs", "mailing", "notify", "reports", "sampling", "search", "worklists"},
    "demo": RECORDS | SYSTEM | {"access", "csvfile", "demo", "grants", "migrate", "models", "search", "transfer"},
    "cli": RECORDS
    | SYSTEM
    | {
        "access",
        "backups",
        "cli",
        "demo",
        "engine",
        "grants",
        "jobs",
        "logs",
        "migrate",
        "models",
        "notify",
        "search",
        "transfer",
    },
}
"""Layer → the layers that it may know. `app/__init__.py` puts them together and may import all of them."""

PARTS = {
    "order_facts": "facts",
    "search_index": "search",
    "search_orderable": "search",
    "search_tables": "search",
    "search_words": "search",
    "search_spelling": "search",
    "audit_heads": "audit",
    "audit_notes": "audit",
    "transactions": "workflow",
    "envelopes": "workflow",
    "turns": "worklists",
    "paying": "worklists",
    "log_masks": "logs",
    "log_requests": "logs",
    "log_server": "logs",
    "reminders": "jobs",
    "cli_audit": "cli",
    "commands": "cli",
    "cli_backups": "cli",
    "cli_jobs": "cli",
    "cli_people": "cli",
}
"""Modules that make up one layer between them."""

OUTSIDE = {
    "entities": {"flask_appbuilder", "sqlalchemy"},
    "rules": set(),
    "sealing": {"cryptography"},
    "access": {"flask_appbuilder"},
    "ledger": {"sqlalchemy"},
    "totals": set(),
    "facts": {"sqlalchemy"},
    "workflow": {"sqlalchemy"},
    "audit": {"sqlalchemy"},
    "criteria": {"sqlalchemy"},
    "scope": {"sqlalchemy"},
    "integrity": {"sqlalchemy"},
    "office": {"holidays"},
    "reports": {"reportlab", "sqlalchemy"},
}
"""What the inner layers use beside the standard library: no Flask, no request, no current user."""

FORBIDDEN_IN_RULES = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "os.environ", "random"}


def layer_of(path: Path) -> str:
    name = path.relative_to(APP).parts[0].removesuffix(".py")
    return PARTS.get(name, name)


def imports(path: Path) -> Iterator[str]:
    """The full names of what a file imports, relative ones resolved, inside functions too."""
    package = path.relative_to(PROJECT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


FILES = [path for path in sorted(APP.rglob("*.py")) if path != APP / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(APP)))
def test_a_file_imports_only_what_its_layer_may_know(path):
    layer = layer_of(path)
    assert layer in MAY_IMPORT, f"app/{layer} has no row in MAY_IMPORT: decide what it may know"
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "app" and rest:
            known = PARTS.get(rest[0], rest[0])
            assert known in MAY_IMPORT[layer], f"{path.relative_to(PROJECT)} may not import {name}"
        elif layer in OUTSIDE and top not in sys.stdlib_module_names and top != "app":
            assert top in OUTSIDE[layer], f"{path.relative_to(PROJECT)} may not import {name}"


@pytest.mark.parametrize("path", [path for path in FILES if layer_of(path) == "rules"], ids=lambda path: path.stem)
def test_rules_read_no_clock_no_environment_and_no_chance(path):
    for node in ast.walk(ast.parse(path.read_text())):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        assert not any(called == one or called.startswith(f"{one}.") for one in FORBIDDEN_IN_RULES), called


def test_a_wrong_import_would_be_noticed(tmp_path):
    wrong = APP / "rules" / "money.py"
    assert "flask" not in {name.split(".")[0] for name in imports(wrong)}
    assert {name.split(".")[0] for name in imports(APP / "screens" / "gate.py")} >= {"flask", "app"}
    assert "app.entities.base" in {name.rpartition(".")[0] for name in imports(APP / "entities" / "vendors.py")}
