"""Small registers for tests, in both dialects of SIPRI's export.

Credit: SIPRI Arms Transfers Database, © SIPRI, exports of 2024-03-18 and 2025-10-23; the rows of ``DEALS_2024`` and
``DEALS_2025`` are retyped from them. All other rows are invented, those by delivery year among them.
"""

from collections.abc import Iterator

from service.importers.sipri.rows import BY_DEAL, BY_YEAR

HEADER_BY_DEAL = ",".join(name or " " for name in BY_DEAL)
HEADER_BY_YEAR = ",".join(BY_YEAR)

DEALS_2024 = [
    "Pakistan,Turkiye,2022,?,,,Akinci,armed UAV,2,?,2023,New,,4.5,0,9",
    "Pakistan,Turkiye,2022,,,,ASELPOD,aircraft EO system,0,,,New,For JF-17 combat aircraft,1,0,0",
    "Pakistan,Turkiye,2021,?,,,Bayraktar TB2,armed UAV,6,?,2022; 2023,New,,2.4,0,14.4",
    "Pakistan,Turkiye,2018,,4,,MilGem,frigate,1,,2023,New,Incl 2 produced under licence in Pakistan,205,820,205",
    "Turkiye,Pakistan,2017,,52,,MFI-17 Supporter,trainer aircraft,18,?,2022; 2023,New,,0.24,12.48,4.32",
]
DEALS_2025 = [
    "Pakistan,Turkiye,2021,?,9,?,Bayraktar TB2,armed UAV,9,?,2022; 2023; 2024,New,,2.4,21.6,21.6",
    "Pakistan,Turkiye,2022,?,,,Akinci,armed UAV,3,?,2023; 2024,New,,4.5,0,13.5",
    "Pakistan,Turkiye,2022,,,,ASELPOD,aircraft electro-optical system,5,?,2024,New,For JF-17 combat aircraft,1,0,5",
    "Pakistan,Turkiye,2018,,4,,MilGem,frigate,1,,2023,New,Incl 2 produced under licence in Pakistan,205,820,205",
    "Turkiye,Pakistan,2017,,52,,MFI-17 Supporter,(armed) trainer aircraft,38,?,2022; 2023; 2024,New,,0.24,12.48,9.12",
]
TB2_BY_YEAR = [
    "90001,Turkiye,Pakistan,Bayraktar TB2,armed UAV,Aircraft,2021,Yes,2,Yes,2023,No,New,2.4,2.4,4.8,No",
    "90001,Turkiye,Pakistan,Bayraktar TB2,armed UAV,Aircraft,2021,Yes,4,No,2022,Yes,New,2.4,2.4,9.6,No",
]


def preamble(
    day: str = "18 Mar 2024 6:13:50 PM",
    first: str = "Not specified",
    last: str = "Not specified",
    *,
    orders: bool = True,
) -> str:
    what = "deliveries or orders" if orders else "deliveries"
    return (
        f"Transfers of major conventional arms from All countries  to All countries . Deals with {what} made for year "
        f"range '{first}' to '{last}' \nA '?' in a column indicates uncertain data.\n\nSource: a test\n"
        f"Data generated: {day}\n"
    )


def by_deal(*rows: str, head: str | None = None, encoding: str = "utf-8") -> bytes:
    """An export with one row a deal."""
    return ((preamble() if head is None else head) + "\n".join([HEADER_BY_DEAL, *rows]) + "\n").encode(encoding)


def by_year(*rows: str, head: str | None = None) -> bytes:
    """An export with one row a deal and year."""
    return ((preamble() if head is None else head) + "\n".join([HEADER_BY_YEAR, *rows]) + "\n").encode()


def in_pieces(data: bytes, size: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
