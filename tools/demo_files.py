"""Cuts the public files of the demo down to what it uses: columns and rows, no word changed but as said below.

    python tools/demo_files.py <folder with the full files>

What each file is, where it comes from and on which terms: app/demo/data/SOURCES.md.
"""

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "app" / "demo" / "data"

# The list gives a class a new line when it is renamed and ends the old one; of many classes the file has the old line
# only. Four-digit classes renamed in 2011 stay (see `in_use`), and so do these, under the file's name or this one.
RENAMED = {
    **dict.fromkeys("15 16 17 84 D399 J039 Q999 R497 R499 R699 R799 S114 S205 S207 S209 S211 S222 T011 U099".split()),
    "70": "Information technology equipment, software, supplies and support equipment",
    "7010": "Information Technology Equipment System Configuration",
    "7020": "Information Technology Central Processing Unit (CPU, Computer), Analog",
    "7021": "Information Technology Central Processing Unit (CPU, Computer), Digital",
    "7022": "Information Technology Central Processing Unit (CPU, Computer), Hybrid",
    "7025": "Information Technology Input/Output and Storage Devices",
    "7030": "Information Technology Software",
    "7035": "Information Technology Support Equipment",
    "7045": "Information Technology Supplies",
    "7050": "Information Technology Components",
}
CAPITALS = re.compile(
    r"\b(adp|adpe|atc|cad|cam|cpu|ems|epa|epg|erp|fsc|gps|hvac|it|r&d|randd|sic|tv|uav|gov|nasa|dod)\b", re.IGNORECASE
)

# Units of count and packages: the list of measures has none of them. Codes of Recommendations 20 and 21.
COUNTED = {
    "EA": "each",
    "BX": "box",
    "PK": "pack",
    "CS": "case",
    "CT": "carton",
    "DZN": "dozen",
    "PR": "pair",
    "SET": "set",
    "KT": "kit",
    "RM": "ream",
    "RO": "roll",
    "BG": "bag",
    "BO": "bottle",
    "TU": "tube",
    "CA": "can",
    "DR": "drum",
    "PD": "pad",
    "ST": "sheet",
    "CEN": "hundred",
    "MIL": "thousand",
    "LS": "lump sum",
    "JOB": "job",
    "E48": "service unit",
}
COMMON = {
    *COUNTED,
    "HUR",
    "DAY",
    "WEE",
    "MON",
    "ANN",
    "INH",
    "FOT",
    "YRD",
    "SMI",
    "FTK",
    "YDK",
    "ACR",
    "YDQ",
    "GLL",
    "LBR",
    "ONZ",
    "STN",
    "LTR",
    "KGM",
    "MTR",
}

PORT_PROJECTS = ("2024-10519", "2025-12724", "2021-9127", "2024-10569", "2019-8315")


def main(source: Path) -> None:
    """Read every full file, write its short one."""
    TARGET.mkdir(parents=True, exist_ok=True)
    write("psc_codes", ("code", "name", "description"), psc_codes(read(source / "codes" / "psc_codes.csv")))
    write("units", ("code", "name", "symbol", "common"), units(read(source / "codes" / "unece_rec20_units.csv")))
    write(
        "city_payments",
        tuple(PAYMENT_COLUMNS),
        payments(read(source / "payments" / "san_francisco_vendor_payments_sample.csv")),
    )
    costars = list(read(source / "vendors" / "costars_vendors.csv"))
    write(
        "costars_vendors",
        ("program", "company", "county"),
        ((row["program"], row["company"].strip(), row["county"]) for row in costars),
    )
    contracts = list(read(source / "vendors" / "public_contracts.csv"))
    write(
        "public_contracts",
        ("source", "contract", "company", "service", "expiration"),
        (
            (row["source"], row["contract"], row["company"].strip(), row["service"].strip(), row["expiration"])
            for row in chosen_contracts(contracts, {row["company"].strip() for row in costars})
        ),
    )
    write("port_of_portland", tuple(PORT_COLUMNS), port(read(source / "bids" / "port_of_portland_itemized.csv")))
    catalog = list(read(source / "catalog" / "catalog_it_peripherals.csv"))
    write("it_catalog", tuple(catalog[0]), (tuple(row.values()) for row in catalog))


def read(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        yield from csv.DictReader(text)


def write(name: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """A CSV file of the demo."""
    with (TARGET / f"{name}.csv").open("w", encoding="utf-8", newline="") as text:
        out = csv.writer(text, lineterminator="\n")
        out.writerow(columns)
        out.writerows(rows)


def psc_codes(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Classes and groups in use, in readable letters. One-letter headings and 735, which is 7035, are left out."""
    for row in rows:
        code = row["PSC CODE"]
        if not in_use(row) or len(code) not in (2, 4):
            continue
        name = RENAMED.get(code) or row["PRODUCT AND SERVICE CODE FULL NAME"] or row["PRODUCT AND SERVICE CODE NAME"]
        included = tidy(row["PRODUCT AND SERVICE CODE INICLUDES"])
        notes = tidy(row["PRODUCT AND SERVICE CODE NOTES"])
        yield code, readable(name)[:200], " ".join(filter(None, (notes, included and f"Includes: {included}")))[:600]


def in_use(row: dict[str, str]) -> bool:
    """Whether a code still stands: not ended, or ended because it was renamed."""
    renamed = row["END DATE"] == "9/30/11" and row["PSC CODE"].isdecimal()
    return not row["END DATE"] or renamed or row["PSC CODE"] in RENAMED


def tidy(text: str) -> str:
    """Single spaces, and words that a line end had cut in two."""
    return re.sub(r"(?<=[a-z])- (?=[a-z]{2})", "", re.sub(r"\s+", " ", text)).strip()


def readable(name: str) -> str:
    """A name in capitals as a sentence; others stay as they are."""
    name = tidy(name.replace("RandD", "R&D")).rstrip(".")
    if not name.isupper():
        return name
    return CAPITALS.sub(lambda found: found[0].upper(), name.capitalize())


def units(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Each code once, without those that were deleted; the common ones are marked."""
    found = {code: (name, "") for code, name in COUNTED.items()}
    for row in rows:
        if row["Status"] not in ("D", "X"):
            found.setdefault(row["Common Code"], (row["Name"].strip(), row["Symbol"].strip()))
    for code, (name, symbol) in sorted(found.items()):
        yield code, name[:200], symbol[:20], "yes" if code in COMMON else ""


PAYMENT_COLUMNS = {
    "fiscal_year": "Fiscal Year",
    "department_code": "Department Code",
    "department": "Department",
    "program_code": "Program Code",
    "program": "Program",
    "object_code": "Object Code",
    "object": "Object",
    "fund_code": "Fund Code",
    "fund": "Fund",
    "vouchers_paid": "Vouchers Paid",
}


def payments(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, ...]]:
    """The years of one chart of accounts, 2007 to 2017: later ones have other codes and no programs."""
    for row in rows:
        if int(row["Fiscal Year"]) <= 2017 and row["Program Code"] != "XXX":
            yield tuple(re.sub(r"\s+", " ", row[column]).strip() for column in PAYMENT_COLUMNS.values())


def plain(company: str) -> str:
    """A company's name without what people write in different ways."""
    letters = re.sub(r"[^a-z0-9 ]", "", company.lower().replace("&", " and "))
    return re.sub(r"\b(inc|llc|co|corp|corporation|company|ltd|the|and|of|dba)\b|\s", "", letters)


def chosen_contracts(rows: list[dict[str, str]], known: set[str]) -> Iterator[dict[str, str]]:
    """The contracts that the demo's agreements are made of, and one of each vendor who is in the other list under a
    name that differs in a letter or two."""
    with (TARGET / "agreements.csv").open(encoding="utf-8", newline="") as text:
        agreed = {(row["contract"], row["vendor"]) for row in csv.DictReader(text)}
    alike, seen = {plain(name) for name in known}, set()
    for row in rows:
        company = row["company"].strip()
        twin = plain(company) in alike and company not in known and company not in seen
        if twin or (row["contract"], company) in agreed:
            seen.add(company)
            yield row


PORT_COLUMNS = {
    "solicitation": "solicitation_no",
    "project": "project_name_raw",
    "letting_date": "letting_date",
    "line": "line_no",
    "item": "item_description_clean",
    "specification": "specification",
    "quantity": "quantity",
    "unit": "unit_code_norm",
    "bidder": "bidder_name_raw",
    "estimate": "is_engineers_estimate",
    "unit_price": "unit_price",
}


def port(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, ...]]:
    """Five lettings, every bidder: without totals, and without lines that somebody left without a price."""
    lines = defaultdict(list)
    for row in rows:
        if row["solicitation_no"] in PORT_PROJECTS and row["is_totals_row"] == "False":
            lines[row["solicitation_no"], row["bid_schedule_name"], row["line_no"]].append(row)
    for bids in lines.values():
        if all(priced(row) for row in bids):
            for row in bids:
                yield tuple(clean(name, row[name]) for name in PORT_COLUMNS.values())


def priced(row: dict[str, str]) -> bool:
    """Whether a bidder gave a price, and the line says how much of what."""
    return bool(row["unit_price"] and row["quantity"] and row["unit_code_norm"]) and Decimal(row["quantity"]) > 0


def clean(column: str, text: str) -> str:
    """Spreadsheet leftovers off a value."""
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" (0|#REF!)$", "", text) if column == "project_name_raw" else text


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/demo_files.py <folder with the full files>")
    main(Path(sys.argv[1]))
