"""Timelines as bytes: pure, one module a format; a new one is a module here, and its line in ``CATALOGUE``."""

from service.feeds.atom import ATOM
from service.feeds.csv import CSV
from service.feeds.format import Format
from service.feeds.ics import ICS
from service.feeds.jsonfeed import JSONFEED
from service.feeds.jsonld import JSONLD
from service.feeds.page import Addresses, Body, Entry, Frame, Page
from service.feeds.timelinejs import TIMELINEJS
from service.feeds.vis import VIS

__all__ = ["CATALOGUE", "Addresses", "Body", "Entry", "Format", "Frame", "Page"]

CATALOGUE: tuple[Format, ...] = (TIMELINEJS, VIS, ICS, ATOM, JSONFEED, JSONLD, CSV)
