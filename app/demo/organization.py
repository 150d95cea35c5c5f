"""The organization tree: a city's departments and programs, with a few offices of our own below them."""

from collections import Counter
from collections.abc import Iterable

from app.demo.cast import CLINIC, PURCHASING, TOP
from app.demo.files import rows
from app.demo.stage import Stage
from app.entities.organization import Organization, OrganizationAddress, OrganizationContact

STORES = "ADM-CST"
INDUSTRIES = "SHF-IND"

OWN_OFFICES = (
    (CLINIC, "DPH-DHP", "Eastside Health Center"),
    ("DPH-DHP-2", "DPH-DHP", "Northside Health Center"),
    (STORES, "ADM", "Central Stores"),
    (INDUSTRIES, "SHF", "Correctional Industries"),
)
"""Offices that the city's list does not have: code, the office above, name. Made up."""

KEPT = frozenset({PURCHASING, "ADM-FCB"})
"""Programs with few payments that are offices all the same."""

STREETS = (
    "Harbor Street",
    "Mill Road",
    "Second Avenue",
    "Canal Street",
    "Orchard Lane",
    "Foundry Street",
    "Market Square",
    "Chestnut Street",
    "Riverside Drive",
    "Union Street",
    "Depot Road",
    "Garden Street",
)
PEOPLE = (
    "Alice Monroe",
    "Ben Castillo",
    "Carla Jensen",
    "David Osei",
    "Emma Whitlock",
    "Farid Rahimi",
    "Gina Rossi",
    "Howard Blake",
    "Irene Sato",
    "Joel Mercer",
    "Karen Dunn",
    "Leo Novak",
)
"""Contacts; made up, with telephone numbers that are nobody's."""


def build(stage: Stage) -> int:
    """The tree from the top down, its addresses and contacts. Returns the number of offices."""
    departments, programs = _read()
    made: dict[str, Organization] = {}
    _add(stage, made, [(TOP, "", "City and County")])
    _add(stage, made, [(code, TOP, name) for code, name in departments.items()])
    _add(stage, made, [(code, code.partition("-")[0], name) for code, name in programs.items()])
    _add(stage, made, OWN_OFFICES)
    for code in (TOP, *departments):
        made[code].buying_entity = True
    for code in (TOP, PURCHASING):
        made[code].issuing_office = True
    for code in (STORES, INDUSTRIES):
        made[code].internal_provider = True
    _addresses(stage, made)
    stage.session.flush()
    return len(made)


def _read() -> tuple[dict[str, str], dict[str, str]]:
    """Departments, and programs with a few payments at least, by code."""
    names: dict[str, str] = {}
    programs: dict[str, str] = {}
    payments: Counter[str] = Counter()
    for row in rows("city_payments"):
        code = row["department_code"]
        # “DPH Public Health”: the list repeats a code before the name.
        names.setdefault(code, row["department"].partition(" ")[2])
        key = f"{code}-{row['program_code']}"
        programs.setdefault(key, row["program"])
        payments[key] += 1
    return dict(sorted(names.items())), {
        key: name for key, name in sorted(programs.items()) if payments[key] >= 4 or key in KEPT
    }


def _add(stage: Stage, made: dict[str, Organization], offices: Iterable[tuple[str, str, str]]) -> None:
    """One level of the tree: ids first, because an office's path is made of them."""
    level = [
        Organization(code=code, name=name, parent_id=stage.ids.get(above), agency_code=code.partition("-")[0])
        for code, above, name in offices
    ]
    stage.session.add_all(level)
    stage.session.flush()
    for office in level:
        above = next((one for one in made.values() if one.id == office.parent_id), None)
        office.path = f"{above.path if above else '/'}{office.id}/"
        made[office.code], stage.ids[office.code] = office, office.id


def _addresses(stage: Stage, made: dict[str, Organization]) -> None:
    """Each department has a main office, where its invoices go, and each of our own offices its dock and desk."""
    for number, (code, office) in enumerate(made.items(), 1):
        small = code.count("-") == 1 and code not in (PURCHASING, STORES, INDUSTRIES)
        if small and not code.startswith(("DPH-", "REC-", "DPW-", "LIB-", "POL-", "AIR-")):
            continue
        street = f"{100 + 7 * number} {STREETS[number % len(STREETS)]}"
        places = (
            [("dock", True, False, False), ("front desk", False, True, False)]
            if code == CLINIC
            else [("main office", True, True, not small)]
        )
        for name, ship, deliver, bill in places:
            office.addresses.append(
                OrganizationAddress(
                    name=f"{office.name}, {name}"[:200],
                    ship_to=ship,
                    deliver_to=deliver,
                    invoice_to=bill,
                    street=street,
                    city="Riverton",
                    region="KY",
                    postal_code="40000",
                )
            )
        person = PEOPLE[number % len(PEOPLE)]
        office.contacts.append(
            OrganizationContact(
                name=person,
                title="Office administrator",
                phone=f"(502) 555-{100 + number % 100:04}",
                email=f"{person.lower().replace(' ', '.')}@city.example",
            )
        )
