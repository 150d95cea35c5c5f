"""The page about calls is true: its blocks run as they stand, against the demo."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.browser import serve
from tests.support.demo_office import lent

PAGE = Path(__file__).parents[2] / "docs" / "calls.md"


@pytest.fixture
def demo(databases):
    yield from lent("sqlite", databases)


def test_the_page_about_calls_walks_from_the_need_to_the_payment(demo, tmp_path):
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    with serve(demo) as url:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
            env=os.environ | {"PURSER": url},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    states = [line for line in done.stdout.splitlines() if re.fullmatch("[a-z]+", line)]
    assert states == [
        "routed", "approved", "routed", "approved", "released", "released", "routed", "approved", "released",
    ]  # fmt: skip
    assert (tmp_path / "order.pdf").read_bytes().startswith(b"%PDF")
