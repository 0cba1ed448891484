"""Addresses of a relationship and its versions, and how headers and lists link to them (RFC 8288, RFC 7089)."""

from collections.abc import Iterable

import msgspec

from service.domain.versions import Version, imf_fixdate

LINK_FORMAT = "application/link-format"


class Addresses(msgspec.Struct, frozen=True):
    """Of one relationship; ``base`` is that of the service, without a slash at its end, or empty for paths."""

    base: str
    ledger: str
    relationship: str

    @property
    def original(self) -> str:
        return f"{self.base}/v1/ledgers/{self.ledger}/relationships/{self.relationship}"

    @property
    def timegate(self) -> str:
        return f"{self.base}/v1/ledgers/{self.ledger}/timegate/relationships/{self.relationship}"

    @property
    def timemap(self) -> str:
        return f"{self.original}/timemap"

    def page(self, begins: int, until: int) -> str:
        """Of the TimeMap: the versions from one position to another, both included."""
        return f"{self.timemap}/{begins}-{until}"

    def version(self, position: int) -> str:
        return f"{self.original}/versions/{position}"


def link(address: str, rel: str, **attributes: str) -> str:
    """As a header holds it, or a list of links."""
    return "".join([f'<{address}>; rel="{rel}"', *(f'; {name}="{value}"' for name, value in attributes.items())])


def of_original(to: Addresses) -> str:
    """What the header Link of a relationship says that has versions."""
    return f'<{to.timegate}>; rel="timegate", {_timemap(to)}'


def of_memento(to: Addresses) -> str:
    return f"{link(to.original, 'original')}, {of_original(to)}"


def of_timegate(to: Addresses, mementos: Iterable[str]) -> str:
    return ", ".join([link(to.original, "original"), _timemap(to), *mementos])


def mementos(to: Addresses, roles: Iterable[tuple[str, Version | None]]) -> list[str]:
    """A link for each version, with all that it is (`first`, `prev`, …), in the order of their positions."""
    found: dict[Version, list[str]] = {}
    for role, version in roles:
        if version is not None:
            found.setdefault(version, []).append(role)
    return [
        link(
            to.version(version.position),
            " ".join([*filter(None, found[version]), "memento"]),
            datetime=imf_fixdate(version.recorded_at),
        )
        for version in sorted(found, key=lambda one: one.position)
    ]


def _timemap(to: Addresses) -> str:
    return f'<{to.timemap}>; rel="timemap"; type="{LINK_FORMAT}"'
