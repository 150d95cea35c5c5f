"""The vendor file: real names from public lists, twins with a letter of difference included.

Everything but the name and what it sells is made up: numbers, addresses, contacts, terms and standings. Vendors on hold
or debarred are invented altogether, because no real firm deserves that in a demo."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from app.demo.files import rows
from app.demo.stage import Stage
from app.entities.vendors import Debarment, Vendor, VendorAddress, VendorCommodity, VendorContact, VendorHold

SELLS = {
    "COSTARS-1": "7450 7490 W074 J074",
    "COSTARS-3": "7021 7025 7035 5805 D320",
    "COSTARS-5": "7930 7920 7910 8540 8105",
    "COSTARS-6": "7030 D319",
    "COSTARS-8": "5120 5130 6240 5340 4510 8010 4130",
    "COSTARS-12": "4210 4240 8470 5820 6545",
    "COSTARS-13": "2310 2320",
    "COSTARS-14": "7810 7830 7125",
    "COSTARS-17": "8110 3990 7240",
    "COSTARS-19": "6515 6510 8415",
    "COSTARS-20": "6640 6810 6550 6630",
    "COSTARS-24": "9905",
    "COSTARS-25": "2320 2330 3830 3825",
    "COSTARS-26": "2310",
    "COSTARS-35": "7110 7125 7105",
    "COSTARS-36": "7310 7320 4110 7350",
    "COSTARS-37": "8415 8405 8430 S209",
}
"""Cooperative contract → the codes that its vendors are registered for. Our reading of the contracts' categories."""

TERMS = (
    ("net 30",) * 9
    + ("2/10 net 30",) * 4
    + ("1/10 net 30",) * 2
    + ("net 45",) * 2
    + ("1/15 net 45", "net 60", "net 15")
)
FIRST = (
    "Anna",
    "Brian",
    "Chloe",
    "Dennis",
    "Elena",
    "Gordon",
    "Hannah",
    "Isaac",
    "Julia",
    "Kevin",
    "Laura",
    "Miguel",
    "Naomi",
    "Oscar",
    "Paula",
    "Quentin",
    "Renee",
    "Steven",
    "Tara",
    "Victor",
)
LAST = (
    "Abbott",
    "Boyd",
    "Chan",
    "Drake",
    "Ellis",
    "Ford",
    "Grant",
    "Hayes",
    "Ingram",
    "Joyce",
    "Keller",
    "Lowe",
    "Marsh",
    "Nolan",
    "Ortiz",
    "Price",
    "Quinn",
    "Rhodes",
    "Stone",
    "Tate",
)
STREETS = ("Commerce Way", "Industrial Road", "Main Street", "Liberty Avenue", "Railroad Street", "Corporate Drive")

MADE_UP = "Demo: {what} Number, address, contact, terms and standing are made up."
INVENTED = (
    "Northgate Ribbon and Toner (fictitious)",
    "Halfmoon Office Interiors (fictitious)",
    "Brightwater Janitorial (fictitious)",
    "Ironbridge Paving (fictitious)",
    "Sandpiper Transport (fictitious)",
)
IN_REVIEW = 12


def register(stage: Stage) -> int:
    """The whole file. Returns the number of vendors."""
    sellers = _sellers()
    vendors = [_vendor(stage, number, name, what) for number, (name, what, _) in enumerate(sellers, 1)]
    stage.session.execute(insert(Vendor), vendors)
    ids: dict[str, int] = dict(stage.session.execute(select(Vendor.number, Vendor.id)).all())
    stage.ids |= {f"vendor {row['name']}": ids[row["number"]] for row in vendors}
    stage.session.execute(insert(VendorAddress), [_address(stage, ids[row["number"]]) for row in vendors])
    stage.session.execute(insert(VendorContact), [_contact(stage, ids[row["number"]]) for row in vendors])
    stage.session.execute(
        insert(VendorCommodity),
        [
            {"vendor_id": ids[row["number"]], "commodity_code_id": stage.code(code)}
            for row, (_, _, codes) in zip(vendors, sellers, strict=True)
            for code in codes
        ],
    )
    for name, office in (("Central Stores", "ADM-CST"), ("Correctional Industries", "SHF-IND")):
        stage.ids[f"vendor {name}"] = _internal_provider(stage, name, office)
    _standings(stage)
    return len(sellers) + 2


def _sellers() -> list[tuple[str, str, Sequence[str]]]:
    """Name, where from, codes: each name once."""
    codes: dict[str, dict[str, None]] = {}
    source: dict[str, str] = {}
    for row in rows("costars_vendors"):
        source.setdefault(row["company"], f"name and codes follow the public vendor list {row['program']}.")
        codes.setdefault(row["company"], {}).update(dict.fromkeys(SELLS[row["program"]].split()))
    for row in rows("public_contracts"):
        source.setdefault(row["company"], f"name of public contract {row['contract']} ({row['service'].lower()}).")
        codes.setdefault(row["company"], {})
    lines = {row["agreement"]: row["psc"] for row in rows("agreement_lines")}
    for row in rows("agreements"):
        if row["key"] in lines:
            codes.setdefault(row["vendor"], {})[lines[row["key"]]] = None
    for name in low_bidders().values():
        source.setdefault(name, "name of a bidder in public bid tabulations.")
        codes.setdefault(name, {})["Z2BD"] = None
    for name in INVENTED:
        source[name] = "this vendor does not exist."
        codes.setdefault(name, {})
    return [(name, what, list(codes[name])) for name, what in source.items()]


def low_bidders() -> dict[str, str]:
    """Solicitation → the bidder whose unit prices add up to the least."""
    sums: dict[str, dict[str, Decimal]] = {}
    for row in rows("port_of_portland"):
        if row["estimate"] == "False":
            bids = sums.setdefault(row["solicitation"], {})
            bids[row["bidder"]] = bids.get(row["bidder"], Decimal(0)) + Decimal(row["unit_price"]) * Decimal(
                row["quantity"]
            )
    return {solicitation: min(bids, key=lambda name: bids[name]) for solicitation, bids in sums.items()}


def terms(text: str) -> dict[str, Any]:
    """“2/10 net 30” as the columns of a vendor, an agreement or an order."""
    discount, _, net = text.rpartition("net ")
    percent, _, days = discount.strip().partition("/")
    return {"discount_percent": Decimal(percent or 0), "discount_days": int(days or 0), "net_days": int(net)}


def slug(name: str) -> str:
    """A name as part of a web address."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]


def _vendor(stage: Stage, number: int, name: str, what: str) -> dict[str, Any]:
    dice = stage.dice
    kinds = (("llc", "Limited liability company"), ("lp", "Partnership"), ("", "Corporation"))
    ownership = next(kind for end, kind in kinds if end in re.sub(r"[^a-z]", " ", name.lower()).split() or not end)
    return {
        "number": f"V{number:06}",
        "suffix": "00",
        "name": name[:200],
        "ownership": ownership,
        "size": dice.choice(("Small", "Small", "Medium", "Large")),
        "preference_program": dice.choice(("",) * 7 + ("Minority-owned", "Women-owned", "Veteran-owned")),
        "email": f"orders@{slug(name)}.example",
        "phone": _phone(stage),
        "website": f"www.{slug(name)}.example",
        "approved_on": stage.diary.ago(dice.randrange(420, 2200)),
        "notes": MADE_UP.format(what=what[:1].upper() + what[1:]),
        "disbursement": dice.choice(("check", "check", "eft")),
        "separate_check": dice.random() < 0.05,
        **terms(dice.choice(TERMS)),
    }


def _phone(stage: Stage) -> str:
    return f"({stage.dice.choice((412, 724, 814, 717, 570))}) 555-01{stage.dice.randrange(100):02}"


def _address(stage: Stage, vendor_id: int) -> dict[str, Any]:
    dice = stage.dice
    return {
        "vendor_id": vendor_id,
        "street": f"{dice.randrange(10, 990)} {dice.choice(STREETS)}",
        "city": dice.choice(("Sampleton", "Exampleville", "Testford", "Mockbury")),
        "region": "PA",
        "postal_code": "00000",
        "phone": _phone(stage),
    }


def _contact(stage: Stage, vendor_id: int) -> dict[str, Any]:
    first, last = stage.dice.choice(FIRST), stage.dice.choice(LAST)
    return {
        "vendor_id": vendor_id,
        "name": f"{first} {last}",
        "title": stage.dice.choice(("Account manager", "Public sector sales", "Contracts", "Owner")),
        "kind": "sales",
        "primary": True,
        "email": f"{first}.{last}@vendor.example".lower(),
        "phone": _phone(stage),
    }


def _internal_provider(stage: Stage, name: str, office: str) -> int:
    vendor = Vendor(
        number=f"I{stage.ids[office]:05}",
        name=name,
        ownership="Government",
        organization_id=stage.ids[office],
        approved_on=stage.diary.ago(2000),
        email=f"{slug(name)}@city.example",
        phone="(502) 555-0140",
        notes="Demo: an office of our own that sells to the others. Made up.",
    )
    vendor.addresses.append(VendorAddress(street="1 Depot Road", city="Riverton", region="KY", postal_code="40000"))
    stage.session.add(vendor)
    stage.session.flush()
    return vendor.id


def _standings(stage: Stage) -> None:
    """Twelve wait for the Customer Resource Center, a few of them twins of vendors that are active."""
    twins = [vendor for vendor in stage.session.scalars(select(Vendor).where(Vendor.name.in_(_twins()))) if vendor][:3]
    others = stage.session.scalars(
        select(Vendor)
        .where(Vendor.name.not_in([row["vendor"] for row in rows("agreements")]), Vendor.number.like("V%"))
        .order_by(Vendor.number.desc())
        .offset(20)
        .limit(60)
    ).all()
    fresh = [vendor for vendor in others if vendor not in twins and "(fictitious)" not in vendor.name]
    for vendor in (*twins, *stage.dice.sample(fresh, IN_REVIEW - len(twins))):
        vendor.approved_on = None
    for name, days, until, reason in (
        (INVENTED[1], 20, None, "Liability insurance ran out; waiting for a new certificate."),
        (INVENTED[2], 9, -30, "The taxpayer name does not match; form W-9 asked for again."),
    ):
        _hold(stage, name, days, until, reason)
    for name, first, last, reason in (
        (INVENTED[3], 200, -530, "Paid less than the prevailing wage on two projects."),
        (INVENTED[4], 90, -275, "Billed twice for the same loads."),
    ):
        stage.session.add(
            Debarment(
                vendor_id=stage.ids[f"vendor {name}"],
                reason=reason,
                starts_on=stage.diary.ago(first),
                expires_on=stage.diary.ago(last),
            )
        )
    stage.session.flush()


def _hold(stage: Stage, name: str, days: int, until: int | None, reason: str) -> None:
    stage.session.add(
        VendorHold(
            vendor_id=stage.ids[f"vendor {name}"],
            reason=reason,
            starts_on=stage.diary.ago(days),
            ends_on=None if until is None else stage.diary.ago(until),
            placed_by_id=stage.ids["crc"],
            placed_at=stage.diary(),
        )
    )


def _twins() -> Iterable[str]:
    """Names of the contract list that the vendor list has in another spelling."""
    agreed = {row["vendor"] for row in rows("agreements")}
    return [row["company"] for row in rows("public_contracts") if row["company"] not in agreed]


def hold_after_delivery(stage: Stage) -> None:
    """The third hold comes while its payment waits in the queue: that payment is stopped (MO-18)."""
    with stage.writing("crc"):
        _hold(
            stage,
            INVENTED[0],
            (stage.diary.last_day - stage.diary.today).days,
            None,
            "Bank details changed by an unsigned letter; called back, nobody knew of it.",
        )
