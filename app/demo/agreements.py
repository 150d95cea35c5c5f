"""Master agreements in every phase: of public contracts, of a port's unit prices, and of a catalog of IT products.

Vendor, service and contract number, or items and unit prices, are public record, as each agreement says; dates are moved
to this year, and the rest is made up."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app import totals
from app.demo import papers
from app.demo.catalog import offer
from app.demo.files import rows
from app.demo.stage import Stage
from app.demo.vendors import low_bidders, terms
from app.entities.awards import MasterAgreement, OrderingAuthority
from app.entities.lines import LineItem

ORIGIN = {
    "contract": "Demo: vendor, service and contract number are of a public list of contracts; lines, prices and dates are "
    "made up.",
    "costars": "Demo: the vendor is of a public list; lines, prices and dates are made up.",
    "port": "Demo: items and unit prices are of the lowest bid in a port's public bid tabulation; dates are made up.",
    "fictitious": "Demo: this vendor does not exist; lines, prices and dates are made up.",
}

UNITS = {
    "EACH": "EA",
    "LS": "LS",
    "LF": "FOT",
    "SY": "YDK",
    "CY": "YDQ",
    "SF": "FTK",
    "TON": "STN",
    "GAL": "GLL",
    "LB": "LBR",
    "ACRE": "ACR",
}
"""The port's units → ours."""

KINDS = (
    ("Keyboards", "7025", "keyboard"),
    ("Racks", "7035", "cabinet"),
    ("Projectors", "6730", "projector"),
    ("Virtual Reality", "7021", "monitor"),
    ("Desktop", "7021", "monitor"),
    ("Hard Drives", "7025", "box"),
    ("Streaming", "5836", "box"),
    ("Video Games", "7820", "box"),
    ("Gas Ranges", "7310", "cabinet"),
    ("Toasters", "7310", "box"),
    ("Appliance Parts", "4140", "box"),
    ("Health, Fitness", "8530", "bottle"),
)
"""Part of a product's category → commodity code and picture; the first that fits counts."""

STEPS = {
    "draft": (),
    "routed": ("route",),
    "reviewed": ("route", "first"),
    "disapproved": ("route", "return"),
    "approved": ("route", "sign"),
    "released": ("route", "sign", "release"),
    "terminated": ("route", "sign", "release", "terminate"),
}
"""Where an agreement is to stand → how it gets there."""


@dataclass(frozen=True)
class Award:
    """One agreement of the demo."""

    row: dict[str, str]
    lines: Sequence[dict[str, str]]

    @property
    def steps(self) -> Sequence[str]:
        """Its way through the office."""
        return STEPS[self.row["state"]]


def awards() -> list[Award]:
    """All of them, the longest in effect first."""
    lines: dict[str, list[dict[str, str]]] = {"IT1": list(_it_catalog())}
    for line in rows("agreement_lines"):
        lines.setdefault(line["agreement"], []).append(line)
    found = [Award(row, lines[row["key"]]) for row in rows("agreements")]
    bidders = low_bidders()
    for row in rows("port_agreements"):
        found.append(
            Award(
                {
                    "source": "port",
                    "contract": row["solicitation"],
                    "vendor": bidders[row["solicitation"]],
                    "subtype": "blanket",
                    "state": "released",
                    "fluctuating": "",
                    "ceiling": "",
                    "renewals": "0",
                    "authority": f"Invitation for bids {row['solicitation']}",
                    **row,
                },
                _port_lines(row, bidders[row["solicitation"]]),
            )
        )
    return sorted(found, key=lambda award: int(award.row["starts"]))


def _it_catalog() -> Sequence[dict[str, str]]:
    found = []
    for row in rows("it_catalog"):
        psc, icon = next((psc, icon) for part, psc, icon in KINDS if part in row["category"])
        found.append(
            {
                "description": row["name"],
                "manufacturer": row["manufacturer"],
                "model": row["model"],
                "part": row["sku"],
                "upc": row["upc"],
                "more": html.unescape(row["description"]),
                "unit": "EA",
                "pack": "1",
                "price": row["unit_price"],
                "quantity": "1",
                "psc": psc,
                "days": "5",
                "icon": icon,
                "over": "10" if icon == "keyboard" else "",
            }
        )
    return found


def _port_lines(row: dict[str, str], bidder: str) -> list[dict[str, str]]:
    """The measured items, where there is enough of them for several orders; what is bid as a lump sum is no unit price."""
    found: dict[str, dict[str, str]] = {}
    for line in rows("port_of_portland"):
        enough = line["unit"] != "LS" and Decimal(line["quantity"]) >= 10
        if line["solicitation"] == row["solicitation"] and line["bidder"] == bidder and enough:
            found.setdefault(
                line["item"],
                {
                    "description": line["item"][:200],
                    "more": f"Specification {line['specification']}, line {line['line']}.",
                    "unit": UNITS[line["unit"]],
                    "price": line["unit_price"],
                    "quantity": line["quantity"],
                    "psc": row["psc"],
                    "part": f"{row['solicitation']}-{line['line']}",
                },
            )
    return list(found.values())


def plan(stage: Stage) -> int:
    """Write all agreements into the diary. Returns how many."""
    every = awards()
    for award in every:
        # Most are drawn up some weeks before they start; what is still on somebody's desk was begun last week.
        lasting = award.row["state"] in ("released", "terminated")
        began = stage.diary.ago(max(24, -int(award.row["starts"])) + 18 if lasting else 9)
        stage.diary.plan(began, lambda award=award: _draft(stage, award))
    return len(every)


def _draft(stage: Stage, award: Award) -> None:
    row = award.row
    buyer = "buyer" if row["source"] != "port" else "buyer2"
    with stage.writing(buyer):
        agreement = stage.start(
            buyer,
            MasterAgreement,
            title=row["title"],
            vendor_id=stage.ids[f"vendor {row['vendor']}"],
            organization_id=stage.ids["CITY"],
            issuing_office_id=stage.ids["ADM-FCC"],
            administered_by_id=stage.ids["ADM-FCC"],
            subtype=row["subtype"],
            cited_authority=row["authority"],
            effective_on=stage.diary.ago(-int(row["starts"])),
            expires_on=stage.diary.ago(-int(row["ends"])),
            renewal_periods=int(row["renewals"]),
            fluctuating=row["fluctuating"] == "yes",
            ceiling=Decimal(row["ceiling"]) if row["ceiling"] else None,
            comments=ORIGIN[row["source"]],
            **terms(row["terms"]),
        )
        agreement.lines = [_line(stage, line) for line in award.lines]
        agreement.contacts = [papers.contact(stage, buyer, "prices and renewal")]
        if row["source"] == "port":
            agreement.authorities = [
                OrderingAuthority(organization_id=stage.ids[code]) for code in ("AIR", "DPW", "PUC")
            ]
        totals.settle(agreement)
    stage.ids[f"agreement {row['key']}"] = agreement.id
    _next(stage, agreement, award, buyer, list(award.steps))


def _line(stage: Stage, line: dict[str, str]) -> LineItem:
    price: Any = Decimal(line["price"])
    return LineItem(
        description=line["description"],
        extended_description=line.get("more", ""),
        unit=line["unit"],
        unit_price=price,
        quantity=Decimal(line["quantity"]),
        position=0,
        commodity_code_id=stage.code(line["psc"]),
        service=line["psc"][0].isalpha(),
        manufacturer=line.get("manufacturer", ""),
        model=line.get("model", ""),
        part_number=line.get("part", ""),
        catalog_number=line.get("upc", ""),
        catalog_name="UPC" if line.get("upc") else "",
        over_tolerance=Decimal(line.get("over") or 0),
    )


def _next(stage: Stage, agreement: MasterAgreement, award: Award, buyer: str, steps: list[str]) -> None:
    if steps:
        delay = {"route": 0, "sign": 2, "first": 1, "return": 2, "release": 1, "terminate": 60}[steps[0]]
        stage.diary.later(delay, lambda: _step(stage, agreement, award, buyer, steps))


def _step(stage: Stage, agreement: MasterAgreement, award: Award, buyer: str, steps: list[str]) -> None:
    step, *rest = steps
    if step in ("sign", "first"):
        stage.act(stage.signer(agreement), agreement, "approve")
        rest = rest if agreement.state == "approved" or step == "first" else steps
    elif step == "return":
        stage.act(stage.signer(agreement), agreement, "disapprove", "The storage conditions of the goods are missing.")
    elif step == "terminate":
        stage.act(buyer, agreement, "terminate", "The vendor has given up the business line.")
    else:
        stage.act(buyer, agreement, step)
    if step == "release":
        with stage.writing(buyer):
            offer(stage, agreement, {line["description"]: line for line in award.lines})
    _next(stage, agreement, award, buyer, rest)
