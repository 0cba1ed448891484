"""Parameters and headers that the document's operations name; another is an entry here or with its operations."""

from typing import Any, get_args

import msgspec

from service.api.conditions import LONGEST_KEY
from service.api.described import (
    across,
    changes,
    examples,
    imports,
    keys,
    ledgers,
    memento,
    outlines,
    timelines,
    widget,
)
from service.api.feed import LIMIT, MOST
from service.api.problems import RETRY_AFTER
from service.domain.actors import LanguageTag, RelationshipId, Slug
from service.domain.claims import Standing
from service.domain.events import Id, OfficialStatus
from service.domain.types import TypeName
from service.history.bulk import LARGEST_AT_ONCE, MOST_AT_ONCE
from service.projections.criteria import MinReliability

PATH_PARAMETERS = {
    "ledger": (Slug, "The ledger's name.", "drones"),
    "relationship": (
        RelationshipId,
        "The slugs of two or more actors, joined by `--`. Out of order, they are answered 308.",
        "pak--tur",
    ),
    "event_id": (Id, "The event's id.", "tb2-acquired"),
    "claim_id": (Id, "The claim's id.", "tb2-acquired"),
    "type_name": (TypeName, "The type's name.", "acquisition"),
    **keys.PATH_PARAMETERS,
    "slug": (Slug, "The last part of a problem's `type`.", "stale-revision"),
}
POINT = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2}))?$",
}
POSITION = {"type": "integer", "minimum": 0}
ORDINARY = {"type": "string"}


def schema_of(type_: Any) -> dict[str, Any]:
    return dict(msgspec.json.schema(type_))


def parameters() -> dict[str, Any]:
    def query(name: str, words: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "description": words, "schema": schema, "example": example}

    def header(name: str, words: str, schema: dict[str, Any], example: str) -> dict[str, Any]:
        return {"name": name, "in": "header", "description": words, "schema": schema, "example": example}

    found = {
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "description": words,
            "schema": schema_of(type_),
            "example": one,
        }
        for name, (type_, words, one) in PATH_PARAMETERS.items()
    }
    day = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    queries = [
        query(
            "valid_at",
            "When it was so in the world. Left out: what is known then; that is now, unless a known time is given.",
            POINT,
            "2024-06-30",
        ),
        query(
            "known_at",
            "What this ledger had recorded by then. Later than now is refused; today's date means now.",
            POINT,
            "2026-11-22T16:00:00Z",
        ),
        query("known_position", "What this ledger had recorded with that position. Not with `known_at`.", POSITION, 51),
        query(
            "min_position",
            "Of an answer as of now: how far the ledger must have come in it, though it may be further elsewhere; a "
            "position, or a feed id, which also says in which epoch. Where replicas serve reads, one that has come so "
            "far is enough, and the primary is not asked. Not with a known time.",
            {"type": "string", "pattern": r"^([0-9a-f]{8}-)?(0|[1-9][0-9]{0,29})$"},
            "51",
        ),
        query("reported_by", "What had been published by the end of that day.", day, "2025-11-30"),
        query(
            "certainty",
            "Only what is certain; what is left out is counted.",
            {"type": "string", "enum": ["certain"]},
            "certain",
        ),
        query(
            "standing",
            "Only claims that stand so by what their sources say; what is left out is counted.",
            {"type": "string", "enum": list(get_args(Standing))},
            "confirmed",
        ),
        query(
            "official_status",
            "Only claims with that official status.",
            {"type": "string", "enum": list(get_args(OfficialStatus))},
            "not_confirmed",
        ),
        query(
            "min_reliability",
            "Only claims of a source with that Admiralty grade of reliability or a better one, A being the best; with "
            "`min_credibility` one source must meet both. F, that it cannot be judged, meets none.",
            {"type": "string", "enum": list(get_args(MinReliability))},
            "B",
        ),
        query(
            "min_credibility",
            "Only claims of a source with that Admiralty grade of credibility or a better one, 1 being the best. 6, "
            "that it cannot be judged, meets none.",
            {"type": "integer", "minimum": 1, "maximum": 5},
            2,
        ),
        query(
            "v",
            "The version of the answer, as `Content-Location` gives it: with it, an answer about what was known then "
            "may be kept for ever. 404 where answers are of another version now.",
            {"type": "string", "maxLength": 40},
            f"1.{examples.EPOCH[:8]}",
        ),
        query("lang", "The language of names and titles; English where left out.", schema_of(LanguageTag), "tr"),
        query(
            "after",
            "Only events after this place: a position, or a feed id, which also says in which epoch; the beginning "
            "where left out.",
            {"type": "string", "pattern": r"^([0-9a-f]{8}-)?(0|[1-9][0-9]{0,29})$", "default": "0"},
            f"{examples.EPOCH[:8]}-2",
        ),
        query(
            "limit",
            f"How many events at most: {LIMIT} where left out, but as NDJSON then all of them. Not with a stream.",
            {"type": "integer", "minimum": 1, "maximum": MOST},
            2,
        ),
        query("type", "Only events about claims of this type, as the claim says or said.", schema_of(TypeName), "note"),
        query(
            "actor", "Only events about claims that name this actor, as the claim says or said.", schema_of(Slug), "tur"
        ),
        query(
            "dry_run",
            "`true`: check everything, record nothing; what would be refused is refused. Lines need `atomic` for it.",
            {"type": "string", "enum": ["true", "false"], "default": "false"},
            "true",
        ),
        query(
            "on_error",
            "Of lines: whether what follows a refused one is recorded.",
            {"type": "string", "enum": ["continue", "stop"], "default": "continue"},
            "stop",
        ),
        query(
            "results",
            "Of lines: which the answer tells of. With `all` it is sent while the body comes in: for those only who "
            "read while they send.",
            {"type": "string", "enum": ["refused", "all"], "default": "refused"},
            "all",
        ),
        query(
            "atomic",
            f"Of lines: `true` records all of them as one batch or none, {MOST_AT_ONCE:,} and "
            f"{LARGEST_AT_ONCE:,} bytes at most.",
            {"type": "string", "enum": ["true", "false"], "default": "false"},
            "true",
        ),
    ]
    found |= {one["name"]: one for one in queries}
    found["feed_relationship"] = query(
        "relationship",
        "Only events that touch this relationship. Out of order, it is answered 308.",
        schema_of(RelationshipId),
        "pak--tur",
    )
    found["Last-Event-ID"] = header(
        "Last-Event-ID",
        "Of a stream: the `id` of the last event that arrived; it goes before `after`.",
        {"type": "string", "pattern": r"^(([0-9a-f]{8}-)?(0|[1-9][0-9]{0,29}))?$"},
        f"{examples.EPOCH[:8]}-2",
    )
    found["If-None-Match"] = header("If-None-Match", "The `ETag` of an answer that the caller has.", ORDINARY, 'W/"5f"')
    found["If-Match"] = header(
        "If-Match",
        "The revision that the relationship must have, in quotes after `r`; `*`: it must exist.",
        {"type": "string", "pattern": r'^(\*|"r(0|[1-9][0-9]{0,14})")$'},
        '"r7"',
    )
    found["Idempotency-Key"] = header(
        "Idempotency-Key",
        f"The caller's own name for this request: 1 to {LONGEST_KEY} visible ASCII characters, in quotes or bare. It "
        "is kept for 24 hours, and for them the same request with the same name gets the first one's answer, as 200 "
        "with `Idempotency-Replayed`, and records nothing; another request with it is refused. What was refused leaves "
        "the name free. A dry run does not look at it; with lines it is refused: there the ids of the events do it.",
        {"type": "string", "maxLength": 2 * LONGEST_KEY + 2},
        '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    )
    found["If-None-Match-Any"] = header(
        "If-None-Match", "`*`: the relationship must not exist.", {"type": "string", "const": "*"}, "*"
    )
    own = (memento, changes, across, timelines, outlines, keys, ledgers, widget, imports)
    for module in own:
        if taken := found.keys() & module.PARAMETERS.keys():
            raise ValueError(
                f"{module.__name__}: another parameter is the component {', '.join(sorted(taken))} already"
            )
        found |= module.PARAMETERS
    return found


def headers() -> dict[str, Any]:
    words = {
        "ETag": ("Of a read: of these bytes. Of an append: the relationship's revision.", 'W/"5f0c"'),
        "Cache-Control": ("How long the answer may be kept, and by whom.", "public, max-age=3600"),
        "Vary": ("What else an answer hangs on.", "Accept, Accept-Encoding, Authorization"),
        "Content-Location": (
            "The address that pins this answer's points.",
            "/v1/ledgers/drones/relationships/pak--tur?valid_at=2024-06-30T23:59:59.999999Z&known_position=51",
        ),
        "Location": ("Where it is now.", "/v1/ledgers/drones/events/tb2-acquired"),
        "Tarih-Epoch": (
            "Another one after the ledger was restored from a backup.",
            "6fd9d5b3-8cb1-4c10-bc80-689c61b52735",
        ),
        "Link": (
            "The next page, while there is more: `next`. Of a relationship with versions: `timegate` and `timemap`.",
            f'</v1/ledgers/drones/events?after={examples.EPOCH[:8]}-2&limit=2>; rel="next"',
        ),
        "Server-Timing": ("Milliseconds in the database, and folding.", "db;dur=4.10, fold;dur=2.20"),
        "X-Request-Id": ("The request's own, or a new one.", "18cea55a-19ad-4208-805d-071014cf1497"),
        "RateLimit": ("What may come at once now, and in how many seconds more may.", '"address";r=0;t=1'),
        "RateLimit-Policy": ("How much may come at once, and in each so many seconds.", '"address";q=1200;w=60'),
        "WWW-Authenticate": ("How to send a key.", 'Bearer realm="tarih"'),
    }
    found: dict[str, Any] = {
        name: {"description": said, "schema": ORDINARY, "example": one} for name, (said, one) in words.items()
    }
    revision = {"type": "integer", "minimum": 0}
    found["Tarih-Position"] = {
        "description": "How far the answer goes; of a stream, where its backlog ends.",
        "schema": POSITION,
        "example": 51,
    }
    found["Tarih-Revision"] = {"description": "How many events have touched it.", "schema": revision, "example": 28}
    found["Idempotency-Replayed"] = {
        "description": "There where this is the answer to an earlier request with the same `Idempotency-Key`.",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    }
    found["Retry-After"] = {"description": "Seconds.", "schema": {"type": "integer"}, "example": int(RETRY_AFTER)}
    return found | memento.HEADERS
