"""The catalogue of importers: a format is a module here, and its line in ``IMPORTERS``."""

from service.importers import events, sipri, table, timelinejs
from service.importers.items import Importer

IMPORTERS: dict[str, Importer] = {
    importer.name: importer
    for importer in (sipri.IMPORTER, table.IMPORTER, timelinejs.IMPORTER, events.CLOUDEVENTS, events.NDJSON)
}
