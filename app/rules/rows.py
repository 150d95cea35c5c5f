"""Rows of a spreadsheet as lines: what a column may be called, which column is which, and how a cell is read.

Nothing here judges a value that the line's own form judges: a cell is only brought into the form in which a person would
have typed it. Source: LIN-08."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

HEADINGS: Mapping[str, Sequence[str]] = {
    "commodity_code": ("code", "commoditycode", "commodity", "commodityno", "classitem", "nigp", "nigpcode", "psc",
                       "psccode", "unspsc", "unspsccode"),
    "description": ("description", "desc", "itemdescription", "shortdescription", "item", "itemname", "product", "productname",
                    "article", "name", "what"),
    "quantity": ("quantity", "qty", "qtyordered", "orderqty", "quantityordered", "count", "howmany"),
    "unit": ("unit", "uom", "um", "unitofmeasure", "unitofissue", "ui", "measure"),
    "unit_price": ("unitprice", "price", "priceeach", "unitcost", "cost", "costeach", "rate", "estimatedprice",
                   "estimatedunitprice", "estunitprice", "unitpriceusd"),
    "delivery_on": ("deliverydate", "delivery", "deliveryon", "deliverby", "needby", "needbydate", "neededby", "needed",
                    "dateneeded", "required", "requiredby", "requireddate", "due", "duedate", "date"),
    "agreement_line": ("agreementline", "agreementlineno", "agreementitem", "contractline", "itemno", "itemnumber",
                       "lineitem", "clin", "sku"),
    "extended_description": ("extendeddescription", "longdescription", "details", "remarks", "comments", "notes"),
    "justification": ("justification", "reason"),
    "service": ("service", "thisisaservice", "isservice"),
    "project_number": ("projectnumber", "project", "projectno"),
    "contract_type": ("contracttype",),
    "period_from": ("periodofperformancefrom", "periodfrom", "from", "start", "startdate"),
    "period_to": ("periodofperformanceto", "periodto", "to", "until", "end", "enddate"),
    "manufacturer": ("manufacturer", "mfr", "mfg", "maker"),
    "brand": ("brand",),
    "model": ("model", "modelno", "modelnumber"),
    "part_number": ("partnumber", "partno", "part", "mpn", "mfrpart", "mfrpartno"),
    "color": ("color", "colour"),
    "size": ("size",),
    "catalog_name": ("catalog", "catalogname", "catalogue"),
    "catalog_number": ("catalognumber", "catalogno", "catalogueno", "vendorpartno", "suppliersku"),
    "drawing": ("drawing", "drawingreference"),
    "specification": ("specification", "specificationreference", "spec"),
    "discount_percent": ("discountpercent", "discount"),
    "tax_percent": ("taxpercent", "tax", "taxrate"),
    "warranty_days": ("warrantyindays", "warrantydays", "warranty"),
    "markings": ("markings", "additionalmarkings"),
    "special_handling": ("specialhandling", "handling"),
    "hazardous_materials": ("hazardousmaterials", "hazmat"),
    "packing": ("packing", "packaging"),
    "acceptance_instructions": ("acceptanceinstructions",),
}  # fmt: skip
"""Field of a line → what the column's heading may be, letters and digits alone. Each heading is used once."""

IN_ORDER = ("commodity_code", "description", "quantity", "unit", "unit_price", "delivery_on")
"""The order of the grid: what columns without headings are."""

PASSED_OVER = frozenset({"", "no", "nr", "line", "lineno", "linenumber", "pos", "position", "row", "amount", "total",
                         "linetotal", "extended", "extendedprice", "extprice", "source"})  # fmt: skip
"""Headings of columns that are known and not read: numbering, and what the server works out itself."""

DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%d %b %y")
"""The ways to write a day that are read: the month before the day, as the office writes it, unless it is a word."""

YES, NO = frozenset({"y", "yes", "true", "x", "1"}), frozenset({"", "n", "no", "false", "0", "-"})


FORMULA_ALONE = "a formula without a result"
SPOILED = {FORMULA_ALONE: "Copy the results in the spreadsheet and paste them as values."} | dict.fromkeys(
    ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"),
    "The spreadsheet could not work this cell out. Correct it there, or type what is meant.",
)
"""What a spreadsheet shows where it has nothing to show, and what to do about it."""


class NotRead(ValueError):
    """What a cell holds cannot be read; the message says what is expected."""


def plain_heading(cell: str) -> str:
    """A heading by its letters and digits."""
    return re.sub(r"[^a-z0-9]", "", cell.lower())


def has_headings(row: Sequence[str]) -> bool:
    """Whether a row names columns: two known headings, or nothing but known ones."""
    named = [plain_heading(cell) for cell in row if cell.strip()]
    words = {word for known in HEADINGS.values() for word in known}
    found = sum(1 for one in named if one in words)
    return found >= 2 or (found > 0 and all(one in words or one in PASSED_OVER for one in named))


def columns_named(row: Sequence[str], offered: Collection[str]) -> list[str]:
    """Which field each column is by its heading; "" for one that is not read."""
    named, found = [plain_heading(cell) for cell in row], [""] * len(row)
    for name, words in HEADINGS.items():
        free = (named.index(word) for word in words if word in named and not found[named.index(word)])
        if name in offered and (place := next(free, None)) is not None:
            found[place] = name
    return found


def columns_in_order(width: int, first: str = "description") -> list[str]:
    """Which field each column is where nothing says so: the grid's order from one of its columns on."""
    start = IN_ORDER.index(first) if first in IN_ORDER else 1
    order = IN_ORDER[start:]
    return [order[place] if place < len(order) else "" for place in range(width)]


def read_day(text: str) -> str:
    """A day as people and spreadsheets write it ("11/23/2026", "Nov 23, 2026", "2026-11-23 00:00:00"), as a form takes
    it. Errors: NotRead."""
    typed = re.sub(r"[T ]00:00(:00(\.0+)?)?$", "", text.strip())
    typed = re.sub(r"[\s,]+|(?<=[A-Za-z])[-.]+|[-.]+(?=[A-Za-z])", " ", typed).strip()
    for pattern in DAYS if typed.isascii() else ():
        try:
            found: date = datetime.strptime(typed, pattern).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
        return found.isoformat()
    raise NotRead("Enter a date like 2026-11-23 or 11/23/2026.")


def read_yes(text: str) -> bool:
    """Yes or no. Errors: NotRead."""
    typed = text.strip().lower()
    if typed not in YES | NO:
        raise NotRead("Enter yes or no.")
    return typed in YES
