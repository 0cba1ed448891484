"""The documents say what is so: links, commands, variables, modules, and the README's requests and answers."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
import yaml

from service.domain.as_of import AsOf, parse_point
from service.domain.claims import Recorded, fold
from service.domain.names import actors_of
from service.domain.reading import Draft, read_events, relationships_of
from service.domain.refusals import Fault, Invalid
from service.domain.types import TYPES
from service.metrics import REGISTRY
from service.projections import PROJECTIONS, Question, View
from service.sample import drones
from service.settings import Settings

CHECKOUT = Path(__file__).parents[1]
OTHERS = {
    ".venv",
    ".venv-bench",
    ".tarih",
    ".hypothesis",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "build",
    "dist",
    "node_modules",
}
DOCUMENTS = sorted(
    path for path in CHECKOUT.rglob("*.md") if not OTHERS & set(path.relative_to(CHECKOUT).parts)
)  # fmt: skip
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
OPENAPI = CHECKOUT / "openapi" / "openapi.json"
CUT = "…"
BASE = "http://127.0.0.1:8000"


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def heading_ids(text: str) -> set[str]:
    """As forges make them of headings."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(path.read_text(encoding="utf-8"))):
        if urlsplit(target).scheme:
            continue
        file, _, heading = target.partition("#")
        there = path.parent / file if file else path
        assert there.exists(), target
        if heading:
            assert heading in heading_ids(there.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = re.findall(r"(?:`|^|' )make ([a-z]+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(named) <= targets


def test_the_readme_names_the_settings_there_are() -> None:
    settings = {f"TARIH_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    compose = (CHECKOUT / "compose.yaml").read_text(encoding="utf-8")
    of_compose = set(re.findall(r"\$\{(TARIH_[A-Z_]+)", compose)) - settings
    assert set(re.findall(r"TARIH_[A-Z_]+", README)) - of_compose == settings


@pytest.mark.parametrize("name", ["compose.yaml", "compose.citus.yaml"])
def test_a_compose_file_pins_its_images_and_names_only_what_it_has(name: str) -> None:
    compose = yaml.safe_load((CHECKOUT / name).read_text(encoding="utf-8"))
    services = compose["services"]
    for service in services.values():
        assert service["image"] == "tarih" or re.fullmatch(r"[a-z/]+:[0-9][0-9a-z.-]+", service["image"])
        assert set(service.get("depends_on", {})) <= set(services)
        assert {config["source"] for config in service.get("configs", ())} <= set(compose["configs"])
        assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= set(compose["volumes"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_the_readme_names_the_defaults_there_are() -> None:
    for field in msgspec.structs.fields(Settings):
        [shown] = re.findall(rf"^\| `TARIH_{field.name.upper()}` \| (.+?) \|", README, flags=re.MULTILINE)
        default = {None: "none", False: "`0`"}.get(field.default, f"`{field.default}`")
        assert shown == default, field.name


def test_the_variables_of_the_tests_exist() -> None:
    contributing = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    fixtures = (CHECKOUT / "tests" / "conftest.py").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"TARIH_[A-Z_]+", contributing) if name not in fixtures} == set()


def test_the_code_map_has_every_module_and_no_other() -> None:
    text = (CHECKOUT / "docs" / "code-map.md").read_text(encoding="utf-8")
    mapped = re.findall(r"^\* `([^`]+)` · ", text, flags=re.MULTILINE)
    modules = [name_of(path) for top in ("service", "migrations") for path in (CHECKOUT / top).rglob("*.py")]
    # A package that holds no more than its sentence is told of by its modules; the sample has no other.
    wanted = {name for name in modules if not name.endswith("/__init__.py")} | {"service/sample/", "service/widget/"}
    assert sorted(mapped) == sorted(wanted)


def test_decisions_are_numbered_in_order_and_short() -> None:
    records = sorted((CHECKOUT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:5] for path in records] == [f"{number:04}-" for number in range(1, len(records) + 1)]
    for number, path in enumerate(records, 1):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), path.name
        assert re.findall(r"^\*\*(\w+)\.\*\* ", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequence"]
        assert len(text.splitlines()) <= 25, path.name


class Shown(msgspec.Struct, frozen=True):
    """One request of the README, and the answer below it."""

    address: str
    body: str | None
    answer: str

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.address).query))


def shown() -> list[Shown]:
    blocks = re.findall(r"^```sh\n(curl .*?)^```\n\n```text\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    found = []
    for command, answer in blocks:
        _, address, *options = shlex.split(command.replace("\\\n", " "))
        found.append(Shown(address, options[options.index("-d") + 1] if "-d" in options else None, answer))
    return found


def events_of(request: Shown) -> list[bytes]:
    assert request.body is not None
    body = msgspec.json.decode(request.body, type=dict[str, list[msgspec.Raw]])
    assert set(body) == {"events"}
    return [bytes(event) for event in body["events"]]


POSTED = [one for one in shown() if one.body is not None]
ACCEPTED = [one for one in POSTED if '"position"' in one.answer]
REFUSED = [one for one in POSTED if '"errors"' in one.answer]
ASKED = [one for one in shown() if one.body is None]


def test_the_readme_shows_questions_an_append_and_a_refusal() -> None:
    assert README.count("\ncurl ") == len(shown()) == len(ASKED) + len(ACCEPTED) + len(REFUSED)
    assert len(ASKED) >= 4
    assert ACCEPTED
    assert REFUSED


def test_the_readmes_addresses_are_in_the_openapi_document() -> None:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    templates = {re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): operations for path, operations in paths.items()}
    for one in shown():
        assert one.address.startswith(BASE)
        method = "get" if one.body is None else "post"
        path = urlsplit(one.address).path
        assert any(method in operations for template, operations in templates.items() if template.fullmatch(path)), path


def told(answer: str) -> Any:
    """An answer with what is cut out of it marked in JSON: a member ``…`` of an object, an item ``…`` of an array."""
    open_brackets, written, in_string, after_colon = [], [], False, False
    for character in answer:
        if in_string or character == '"':
            in_string ^= character == '"'
        elif character in "[{":
            open_brackets.append(character)
        elif character in "]}":
            open_brackets.pop()
        elif character == CUT:
            member = open_brackets[-1] == "{" and not after_colon
            written.append(f'"{CUT}": 0' if member else f'"{CUT}"')
            continue
        if not character.isspace():
            after_colon = character == ":"
        written.append(character)
    return json.loads("".join(written))


def agrees(excerpt: Any, whole: Any) -> bool:
    """Whether ``whole`` is what the excerpt shows, and holds more only where it is cut."""
    if excerpt == CUT:
        return True
    if isinstance(excerpt, dict) and isinstance(whole, dict):
        names = excerpt.keys() - {CUT}
        complete = CUT in excerpt or names == whole.keys()
        return complete and all(name in whole and agrees(excerpt[name], whole[name]) for name in names)
    if isinstance(excerpt, list) and isinstance(whole, list):
        return _items_agree(excerpt, whole)
    return type(excerpt) is type(whole) and bool(excerpt == whole)


def _items_agree(excerpt: Sequence[Any], whole: Sequence[Any]) -> bool:
    if not excerpt:
        return not whole
    if excerpt[0] == CUT:
        return any(_items_agree(excerpt[1:], whole[start:]) for start in range(len(whole) + 1))
    return bool(whole) and agrees(excerpt[0], whole[0]) and _items_agree(excerpt[1:], whole[1:])


def test_an_excerpt_agrees_only_with_what_it_shows() -> None:
    whole = {"a": 1, "b": [1, {"c": 2, "d": True}, 3], "e": "x, …"}
    for excerpt in ('{"a": 1, …}', '{…, "b": […, {"c": 2, …}, …], …}', '{"a": …, "b": …, "e": "x, …"}'):
        assert agrees(told(excerpt), whole), excerpt
    for excerpt in (
        '{"a": 1}',
        '{"a": 2, …}',
        '{…, "b": [{"c": 2, …}, …], …}',
        '{…, "b": [1, …, {…}], …}',
        '{"f": …, …}',
    ):
        assert not agrees(told(excerpt), whole), excerpt


def recorded_from(batches: Sequence[Sequence[bytes]]) -> Iterator[Recorded]:
    position = 0
    for at, batch in enumerate(batches):
        for draft in read_events(batch, TYPES, str):
            position += 1
            yield recorded(draft, position, parse_point("2026-11-22T16:00:00Z").at + at)


def recorded(draft: Draft, position: int, at: int) -> Recorded:
    return Recorded(
        position=position, recorded_at=at, id=draft.id, claim=draft.claim, event=draft.event, bounds=draft.bounds,
        members=draft.members, reported=draft.reported,
    )  # fmt: skip


@cache
def log() -> tuple[Recorded, ...]:
    """The sample, and what the README appends to it."""
    return tuple(recorded_from([*drones().batches, *(events_of(one) for one in ACCEPTED)]))


def states(asked: Shown, history: Sequence[Recorded]) -> Any:
    """What the folds answer to a question of the README where the log has come as far as ``history``."""
    parameters, relationship = asked.parameters, urlsplit(asked.address).path.rpartition("/")[2]
    assert parameters.keys() <= {"valid_at", "reported_by", "known_position"}
    pinned = "known_position" in parameters
    visible = history[: int(parameters["known_position"])] if pinned else history
    reported = parse_point(parameters["reported_by"]).at if "reported_by" in parameters else None
    folded = fold(visible, reported)
    question = Question(
        relationship=relationship,
        as_of=AsOf(
            valid=parse_point(parameters["valid_at"]).at,
            known=parse_point("2026-11-22T17:00:00Z").at,
            position=len(visible),
            reported=reported,
            final=pinned,
            pinned=pinned,
        ),
        claims=[one for one in folded.claims.values() if relationship in relationships_of(one.statement)],
        actors=actors_of(fold(visible).claims.values()),
        known=True,
        revision=0,  # a count of the store's; the README cuts it out
        types=TYPES,
    )
    return msgspec.json.decode(msgspec.json.encode(PROJECTIONS["state"].fold(View(question))))


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: urlsplit(asked.address).query)
def test_the_readmes_answers_are_those_that_the_folds_give(asked: Shown) -> None:
    appended = shown().index(asked) > shown().index(ACCEPTED[0])
    history = log() if appended else log()[: sum(len(batch) for batch in drones().batches)]
    assert agrees(told(asked.answer), states(asked, history))


def test_the_readmes_events_are_accepted_and_their_receipt_is_right() -> None:
    head = sum(len(batch) for batch in drones().batches)
    for one in ACCEPTED:
        drafts = read_events(events_of(one), TYPES, str)
        receipt = told(one.answer)
        assert receipt["events"] == [
            {"id": draft.id, "claim": draft.claim, "position": head + nth} for nth, draft in enumerate(drafts, 1)
        ]
        head += len(drafts)
        assert receipt["position"] == receipt["checkpoint"]["position"] == head


@pytest.mark.parametrize("request_", REFUSED, ids=lambda one: "refused")
def test_the_readmes_refused_batch_has_the_faults_shown(request_: Shown) -> None:
    with pytest.raises(Invalid) as refusal:
        read_events(events_of(request_), TYPES, str)
    faults = [entry_of(fault) for fault in refusal.value.faults]
    assert agrees(told(request_.answer)["errors"], faults)
    assert told(request_.answer)["detail"].startswith(f"{len(faults)} places")


def entry_of(fault: Fault) -> dict[str, str]:
    return {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}


def test_every_fault_has_a_test_that_exists() -> None:
    text = (CHECKOUT / "docs" / "reliability.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 15
    for row in rows:
        [(file, test)] = re.findall(r"`(tests/[\w/]+\.py)::(\w+)` \|$", row)
        assert re.search(rf"^(async )?def {test}\(", (CHECKOUT / file).read_text(encoding="utf-8"), re.MULTILINE), row
    named = set(re.findall(r"tests/faults/test_database\.py::(\w+)", text))
    written = (CHECKOUT / "tests" / "faults" / "test_database.py").read_text(encoding="utf-8")
    assert named == set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))


OPERATIONS = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
KINDS: dict[str, tuple[str, ...]] = {
    "counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",),
}  # fmt: skip


def exported() -> set[str]:
    """The names of all figures' samples."""
    return {family.name + ending for family in REGISTRY.collect() for ending in KINDS[family.type]}


def test_the_operations_page_has_every_figure_and_no_other() -> None:
    rows = re.findall(r"^\| `(tarih_\w+)` \| (\w+) \|", OPERATIONS, flags=re.MULTILINE)
    families = {
        family.name + ("_total" if family.type == "counter" else ""): family.type for family in REGISTRY.collect()
    }
    assert dict(rows) == families
    assert len(rows) == len(families)


def test_the_dashboard_shows_only_figures_that_are_exported() -> None:
    dashboard = json.loads((CHECKOUT / "dashboards" / "tarih.json").read_text(encoding="utf-8"))
    named = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\btarih_\w+", target["expr"])
    }
    assert len(named) > 20
    assert named <= exported()
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


def test_every_alert_asks_for_figures_that_are_exported_and_is_explained() -> None:
    [group] = yaml.safe_load((CHECKOUT / "dashboards" / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    assert len(group["rules"]) > 8
    for rule in group["rules"]:
        named = set(re.findall(r"\btarih_\w+", rule["expr"]))
        assert named, rule["alert"]
        assert named <= exported(), rule["alert"]
        assert f"`{rule['alert']}`" in OPERATIONS
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")
