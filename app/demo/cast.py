"""The cast: one person for each role, a second approver, and the people of a few more departments. All are made up."""

from collections.abc import Mapping
from dataclasses import dataclass

TOP = "CITY"
PURCHASING = "ADM-FCC"
CLINIC = "DPH-DHP-1"

PASSWORD = "purser-demo"  # everybody may know it: the demo refuses to be made in production

CAST = (
    ("requester", "Maya", "Torres", "Requester", CLINIC, None),
    ("requester2", "Owen", "Fletcher", "Requester", "DPH-DHP-2", None),
    ("approver", "Daniel", "Brooks", "Approver", "DPH", 25_000),
    ("approver2", "Priya", "Raman", "Approver", "DPH", 100_000),
    ("technician", "Thomas", "Okafor", "Purchasing technician", TOP, None),
    ("buyer", "Helen", "Park", "Buyer", TOP, None),
    ("buyer2", "Luis", "Ortega", "Buyer", TOP, None),
    ("chief", "Margaret", "Doyle", "Approver", TOP, None),
    ("evaluator", "Samuel", "Reed", "Evaluator", TOP, None),
    ("crc", "Nora", "Lindqvist", "CRC", TOP, None),
    ("crc2", "Emil", "Novak", "CRC", TOP, None),
    ("receiver", "Andre", "Fields", "Receiver", "DPH-DHP", None),
    ("fiscal", "Grace", "Kim", "Fiscal", "DPH", None),
    ("fiscal2", "Robert", "Lang", "Fiscal", TOP, None),
    ("manager", "Victor", "Hale", "Manager", "DPH", 250_000),
    ("manager2", "Claire", "Bennett", "Manager", TOP, None),
    ("its", "Ingrid", "Voss", "ITS", TOP, None),
    ("reviewer", "Walter", "Nash", "Reviewer", TOP, None),
    ("auditor", "Simone", "Leclerc", "Auditor", TOP, None),
    ("admin", "Alan", "Weir", "Admin", TOP, None),
    ("parks.requester", "Lena", "Fischer", "Requester", "REC-EAP", None),
    ("parks.approver", "Marcus", "Webb", "Approver", "REC", 50_000),
    ("parks.receiver", "Tina", "Alvarez", "Receiver", "REC-EAP", None),
    ("works.requester", "Paul", "Zimmer", "Requester", "DPW-BA2", None),
    ("works.approver", "Sandra", "Obi", "Approver", "DPW", 50_000),
    ("works.receiver", "Kyle", "Jansen", "Receiver", "DPW-BA2", None),
    ("library.requester", "June", "Whitaker", "Requester", "LIB-EGH", None),
    ("library.approver", "Arthur", "Penn", "Approver", "LIB", 50_000),
    ("library.receiver", "Rosa", "Delgado", "Receiver", "LIB-EGH", None),
    ("police.requester", "Frank", "Moretti", "Requester", "POL-ACM", None),
    ("police.approver", "Diane", "Cooper", "Approver", "POL", 50_000),
    ("police.receiver", "Hugh", "Barrett", "Receiver", "POL-ACM", None),
    ("airport.requester", "Yuki", "Tanaka", "Requester", "AIR-BG6", None),
    ("airport.approver", "Colin", "Murray", "Approver", "AIR", 250_000),
    ("airport.receiver", "Stella", "Haas", "Receiver", "AIR-BG6", None),
)
"""User name, first name, last name, role, office, approval limit. Those of the central offices look after all others."""


@dataclass(frozen=True)
class Household:
    """The people of one department who bring a purchase from need to payment, and the money that they spend."""

    name: str
    requester: str
    approver: str
    receiver: str
    fiscal: str
    office: str
    strips: tuple[str, str]
    themes: tuple[str, ...]
    manager: str = "manager2"


HOUSEHOLDS: Mapping[str, Household] = {
    one.name: one
    for one in (
        Household(
            "health",
            "requester",
            "approver",
            "receiver",
            "fiscal",
            CLINIC,
            ("1GAGF-DPH-DHP-544", "1GAGF-DPH-DHP-549"),
            ("clinic", "clinic", "office", "it", "cleaning"),
            "manager",
        ),
        Household(
            "north",
            "requester2",
            "approver",
            "receiver",
            "fiscal",
            "DPH-DHP-2",
            ("1GAGF-DPH-DHP-549", "1GAGF-DPH-DHP-544"),
            ("clinic", "office", "cleaning"),
            "manager",
        ),
        Household(
            "parks",
            "parks.requester",
            "parks.approver",
            "parks.receiver",
            "fiscal2",
            "REC-EAP",
            ("1GAGF-REC-EAP-549", "2SOSP-REC-EAP-542"),
            ("parks", "office", "cleaning"),
        ),
        Household(
            "works",
            "works.requester",
            "works.approver",
            "works.receiver",
            "fiscal2",
            "DPW-BA2",
            ("1GAGF-DPW-BA2-542", "2SGTF-DPW-BA2-542"),
            ("works", "works", "office"),
        ),
        Household(
            "library",
            "library.requester",
            "library.approver",
            "library.receiver",
            "fiscal2",
            "LIB-EGH",
            ("2SLIB-LIB-EGH-549", "2SLIB-LIB-EGH-529"),
            ("library", "office", "it"),
        ),
        Household(
            "police",
            "police.requester",
            "police.approver",
            "police.receiver",
            "fiscal2",
            "POL-ACM",
            ("1GAGF-POL-ACM-549", "1GAGF-POL-ACM-545"),
            ("police", "office", "it"),
        ),
        Household(
            "airport",
            "airport.requester",
            "airport.approver",
            "airport.receiver",
            "fiscal2",
            "AIR-BG6",
            ("5AAAA-AIR-BG6-542", "5AAAA-AIR-BG6-543"),
            ("airport", "airport", "office", "it"),
        ),
    )
}
