"""Fills, serves, measures, prints: `python -m bench [--documents 10000 1000000] [--databases sqlite postgres]`."""

import argparse
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
os.environ.setdefault("PURSER_VAR", str(PROJECT / "var" / "bench"))

from bench import places, table
from bench.measure import Figure, measured, rates
from bench.operations import Work


def main() -> None:
    """All sizes on all databases, and the table."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--documents", type=int, nargs="+", default=[10_000, 1_000_000])
    asked.add_argument("--databases", nargs="+", choices=places.KINDS, default=list(places.KINDS))
    asked.add_argument("--only", default="", help="operations whose name has this")
    wanted = asked.parse_args()
    results: dict[tuple[str, int], table.Result] = {}
    for kind in wanted.databases:
        with places.KINDS[kind](Path(os.environ["PURSER_VAR"])) as place:
            for documents in wanted.documents:
                url = place.filled(documents)
                with places.served(url) as server:
                    print(f"\n{kind}, {documents:,} documents", flush=True)
                    work = Work(server.address)
                    figures = measured(work, _say, wanted.only)
                    several = [] if wanted.only else rates(work)
                    results[kind, documents] = table.Result(figures, several, server.started, server.heaviest())
    print(table.written(results))
    if not all(result.met for result in results.values()):
        sys.exit("Not all goals are met.")


def _say(figure: Figure) -> None:
    print(f"  {figure.name:<42} {figure.half:8.1f} {figure.most:8.1f}  {figure.statements:4}", flush=True)


if __name__ == "__main__":
    main()
