"""The house rules: what stands on which floor, and what no file may hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for top in ("service", "migrations", "supply", "tests", "benchmarks")
    for path in (CHECKOUT / top).rglob("*.py")
)
PURE = ("service/domain", "service/projections", "service/feeds", "service/importers")
AWAITING = (
    "service/store", "service/history", "service/importing", "service/api",
    "service/app.py", "service/commands", "service/cli.py",
)  # fmt: skip  # the floors, top to bottom
WORLD = {"asyncio", "datetime", "os", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}
CLOCKS = re.compile(r"\b(now|today|utcnow|time_ns|monotonic|perf_counter)\(")
REGISTRIES = re.compile(r"(pypi|pythonhosted|npmjs|debian|crates|anaconda|proxy\.golang)\.(org|com|io)\b")


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def on(path: Path, floors: tuple[str, ...]) -> bool:
    return name_of(path).startswith(floors)


def imported(tree: ast.AST) -> set[str]:
    """The top names of the modules that a file imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def awaits(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith) for node in ast.walk(tree)
    )


def tracked() -> list[Path]:
    """The files of the checkout that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True, cwd=CHECKOUT,
    )  # fmt: skip
    return [path for path in map(CHECKOUT.joinpath, listed.stdout.splitlines()) if path.is_file()]


def test_each_floor_imports_only_downward() -> None:
    # A process of its own: it sets logging up, and so silences all loggers that there are already.
    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"],
        check=False, capture_output=True, text=True, cwd=CHECKOUT,
    )  # fmt: skip
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_opens_with_a_sentence(path: Path) -> None:
    opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert opening, "say in one sentence what it holds"
    assert opening.split("\n\n")[0].rstrip().endswith((".", ":", "?"))


@pytest.mark.parametrize("path", [path for path in SOURCES if on(path, PURE)], ids=name_of)
def test_a_pure_floor_neither_waits_nor_looks_at_the_world(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert not awaits(tree)
    assert not CLOCKS.search(text)
    looks_at = imported(tree) & WORLD
    assert looks_at <= {"datetime"}, "a date is a value; the rest is the world"


@pytest.mark.parametrize("path", [p for p in SOURCES if on(p, ("service",)) and not on(p, AWAITING)], ids=name_of)
def test_only_the_store_the_history_the_api_and_the_roof_wait(path: Path) -> None:
    assert not awaits(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", [path for path in SOURCES if not on(path, ("tests",))], ids=name_of)
def test_a_file_can_be_taken_in(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_every_requirement_is_pinned_with_hashes() -> None:
    pinned = {}
    for name in ("requirements.txt", "requirements-otel.txt", "requirements-dev.txt", "requirements-build.txt"):
        text = (CHECKOUT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        for line in lines:
            assert re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line
        pinned[name] = {line.split()[0] for line in lines}
    served, traced, tested = (pinned[f"requirements{kind}.txt"] for kind in ("", "-otel", "-dev"))
    assert served <= traced <= tested, "one virtual environment serves and tests"


def test_no_file_names_a_package_registry() -> None:
    this = Path(__file__)
    for path in tracked():
        if path == this or path.suffix in {".png", ".ico", ".woff2"}:
            continue
        named = [found.group() for found in REGISTRIES.finditer(path.read_text(encoding="utf-8"))]
        assert named == [], name_of(path)
