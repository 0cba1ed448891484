"""To import: a file of a known format becomes events of a ledger, as far as the ledger does not have them already."""

import contextlib
import re
from collections.abc import Callable, Iterable

import msgspec

from service.domain import edtf
from service.importers.items import Options, Refused
from service.importers.reading import Unreadable
from service.importing.counted import Counted
from service.importing.recording import CannotTell, Import, Wanted
from service.importing.report import ImportReport
from service.store.log import Log

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
__all__ = ["CannotTell", "ImportReport", "Unreadable", "Wanted", "import_file"]


async def import_file(
    log: Log,
    ledger: str,
    chunks: Iterable[bytes],
    wanted: Wanted,
    options: Options,
    tell: Callable[[Refused], None] = lambda refused: None,
) -> ImportReport:
    """Reads it to its end at constant memory; ``tell`` hears of each row that is not taken.

    Run again it adds nothing, and cut off anywhere it is made good by running it again. Raises Unreadable where the
    file as a whole is at fault, CannotTell where it cannot say what is missing, NotFound and Unavailable.
    """
    if options.reported is not None and not _is_a_day(options.reported):
        raise Unreadable(f"`reported` is {options.reported!r}; it is a day, such as 2024-03-18")
    with contextlib.closing(Counted()) as counted:
        options = msgspec.structs.replace(options, count=counted.count)
        items = wanted.importer.read(chunks, options)
        return await Import(log, ledger, wanted, counted, tell).run(items)


def _is_a_day(text: str) -> bool:
    try:
        edtf.parse(text)
    except edtf.UnreadableDate:
        return False
    return DAY.fullmatch(text) is not None
