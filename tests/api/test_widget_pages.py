"""The pages with a timeline, oEmbed, who may frame what, and the files that browsers get."""

import gzip
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import httpx
import msgspec
import pytest

import service
from service import history
from service.projections.present import HOLDING, OPERATING
from service.store import ledgers
from service.widget import assets, pages, words
from tests.api.conftest import STATE, Api, note, running
from tests.conftest import Database

pytestmark = pytest.mark.anyio
OURS = [Path(service.__file__).with_name(name) for name in ("sample", "importers")]
EMBED = "/embed/drones/pak--tur"
LOADED = re.compile(r"<(script|link|img|iframe|object|base|style)\b([^>]*)>", re.I)
OWN = re.compile(r'(?:src|href)="(/widget/v1/[a-z-]+\.[0-9a-f]{16}\.(?:js|css))"')
HOSTILE = "</li><script>alert(1)</script> \" ' & <b onclick=alert(1)> ]]> {}"


@pytest.mark.parametrize("path", ["/", EMBED])
async def test_a_page_loads_our_files_and_lets_nothing_else_in(shared: Api, path: str) -> None:
    page = await shared.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    for tag, attributes in LOADED.findall(page.text):
        if 'rel="alternate"' not in attributes:
            assert tag in ("script", "link"), tag
            address = OWN.search(attributes)
            assert address, attributes
            assert (await shared.get(address[1])).status_code == 200
    assert not re.search(r"<[^>]*\s(?:on\w+|style)=", page.text)


async def test_only_what_is_made_to_be_framed_may_be(shared: Api) -> None:
    paths = ("/", "/docs", "/problems", STATE, f"{STATE}/timeline", "/openapi.json", "/health/live", "/nothing",
             "/widget/v1/tarih-timeline.js", "/oembed?url=/", "/v1/ledgers/absent", "/embed", "/embedded")  # fmt: skip
    for path in paths:
        answer = await shared.get(path)
        assert answer.headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
    kept = [await shared.get(f"{STATE}?known_position=51") for _ in range(2)]  # the second one from memory
    assert [one.headers["x-frame-options"] for one in kept] == ["DENY", "DENY"]
    framed = await shared.get(EMBED)
    assert "x-frame-options" not in framed.headers
    assert framed.headers.get_list("content-security-policy") == [
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors *"
    ]


async def test_every_link_of_the_first_page_has_an_answer(shared: Api) -> None:
    page = await shared.get("/")
    links = [unescape(link) for link in re.findall(r'href="([^"]*)"', page.text)]
    assert len(links) > 8
    for link in links:
        path = urlsplit(link)._replace(scheme="", netloc="").geturl()
        assert (await shared.get(path)).status_code == 200, link
    assert f"curl &#x27;http://tarih.test{STATE}&#x27;" in page.text


async def test_the_list_without_scripts_is_the_timeline_as_of_the_points_asked_for(shared: Api) -> None:
    whole = (await shared.get("/")).text
    assert whole.count("<li>") == 24
    assert "MILGEM" in whole
    then = (await shared.get("/?valid_at=2025-12-31&reported_by=2024-06-30")).text
    assert "assembly plant" not in then
    assert "Delivery · 6 (uncertain)" in then
    assert 'name="reported_by" value="2024-06-30"' in then
    assert 'reported-by="2024-06-30"' in then
    turkish = (await shared.get("/?lang=tr")).text
    assert '<html lang="tr">' in turkish
    assert "Pakistan ve Türkiye" in turkish
    assert "Teslimat · 9 (belirsiz)" in turkish


async def test_whatever_was_recorded_is_escaped(api: Api) -> None:
    source = {"publisher": HOSTILE[:100], "url": "https://example.org/?a=1&b=%22%3E", "published": "2024-01-01"}
    await api.put("/v1/ledgers/drones", {"title": HOSTILE[:80], "public_read": True})
    added = note("hostile", title=HOSTILE, sources=[source], phrase=HOSTILE, tags=[HOSTILE])
    names = {"names": {"en": HOSTILE}, "kind": "state"}
    named = note("named", type="actor", occurred="2020/..", data=names, parties=[{"actor": "pak", "role": "subject"}])
    assert (await api.append(added, named)).status_code == 201
    for path in ("/?lang=en", EMBED, "/?ledger=drones&relationship=pak--tur", "/?relationship=chn--pak"):
        text = (await api.get(path)).text
        assert "<script>alert" not in text
        assert "<b onclick" not in text
        assert text.count("<script") == 2
    shown = (await api.get("/oembed?url=/embed/drones/pak--tur")).json()
    assert "<script" not in shown["html"]
    parsed((await api.get("/oembed?url=/embed/drones/pak--tur&format=xml")).text)


async def test_what_a_page_does_not_know_it_passes_over_and_what_it_knows_it_reads(shared: Api) -> None:
    assert (await shared.get(f"{EMBED}?childId=a&initialWidth=300&utm_source=x&theme=dark")).status_code == 200
    assert 'theme="dark"' in (await shared.get(f"{EMBED}?theme=dark")).text
    for query in (
        "valid_at=2024",
        "reported_by=2024-06-30T00:00:00Z",
        "theme=red",
        "known_at=2020-01-01&known_position=1",
    ):
        assert (await shared.get(f"{EMBED}?{query}")).status_code == 400, query
    assert (await shared.get("/?ledger=drones&relationship=nonsense")).status_code == 404
    assert (await shared.get("/embed/drones/a--b")).status_code == 200


async def test_a_private_ledger_looks_absent_on_every_page(api: Api) -> None:
    await api.put("/v1/ledgers/closed", {"title": "A closed title", "public_read": False})
    await api.append(note("a", title="A closed claim"), to="/v1/ledgers/closed/events")
    for path in (
        "/embed/{}/pak--tur",
        "/?ledger={}&relationship=pak--tur",
        "/?ledger={}",
        "/oembed?url=/embed/{}/pak--tur",
    ):
        closed, absent = [await api.get(path.format(name)) for name in ("closed", "absent")]
        assert (closed.status_code, absent.status_code) == (404, 404), path
        assert closed.json()["detail"].replace("closed", "absent") == absent.json()["detail"]
        key = await api.key(closed="read")
        opened = await api.get(path.format("closed"), key)
        assert opened.status_code == 200
        assert opened.headers["cache-control"].startswith("private")
    assert "closed" not in (await api.get("/")).text


async def test_members_in_another_order_and_merged_ones_are_led_on(api: Api) -> None:
    turned = await api.get("/embed/drones/tur--pak?lang=tr")
    assert (turned.status_code, turned.headers["location"]) == (308, f"http://tarih.test{EMBED}?lang=tr")
    parties = [{"actor": "tur", "role": "survivor"}, {"actor": "turkiye", "role": "merged"}]
    merge = {"action": "assert", "id": "merge", "type": "actor-merge", "occurred": "2024-01-01", "parties": parties}
    assert (await api.append(merge)).status_code == 201
    assert (await api.get("/embed/drones/pak--turkiye")).headers["location"] == f"http://tarih.test{EMBED}"
    assert f'src="{STATE}"' in (await api.get("/?ledger=drones&relationship=pak--turkiye")).text
    shown = await api.get("/oembed?url=/embed/drones/pak--turkiye")
    assert "/embed/drones/pak--tur" in shown.json()["html"]


async def test_without_the_sample_the_first_public_relationship_is_shown_and_without_any_a_way_to_begin(
    database: Database,
) -> None:
    async with running(database, "") as api:
        empty = await api.get("/")
        assert "Nothing to show yet" in empty.text
        assert "<tarih-timeline" not in empty.text
        assert (await api.get("/oembed?url=/")).status_code == 404
        async with api.log.connection() as connection:
            for name, public in (("b-closed", False), ("c-open", True), ("d-empty", True)):
                await ledgers.create_ledger(connection, name, name, public_read=public)
        for ledger in ("b-closed", "c-open"):
            for number, pair in enumerate((("chn", "fra"), ("pak", "tur"), ("pak", "tur"))):
                parties = [{"actor": slug, "role": "party"} for slug in pair]
                said = msgspec.json.encode(note(f"{ledger}-{number}", parties=parties))
                await history.record(api.log, ledger, [said], by="test")
        page = (await api.get("/")).text
        assert 'src="/v1/ledgers/c-open/relationships/pak--tur"' in page
        assert "b-closed" not in page
        assert "/embed/c-open/pak--tur" in (await api.get("/oembed?url=/")).json()["html"]


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


async def oembed(api: Api, url: str, **more: str) -> httpx.Response:
    query = "".join(f"&{name}={text}" for name, text in more.items())
    return await api.get(f"/oembed?url={quote(url, safe='')}{query}")


async def test_a_page_says_how_to_embed_it_and_that_holds(shared: Api) -> None:
    for path in ("/?valid_at=2025-12-31&reported_by=2024-06-30&lang=tr", f"{EMBED}?valid_at=2025-12-31&lang=tr"):
        page = (await shared.get(path)).text
        found = re.findall(r'<link rel="alternate" type="([^"]*)" href="([^"]*)"', page)
        assert [kind for kind, _ in found] == ["application/json+oembed", "text/xml+oembed"]
        for kind, link in found:
            address = urlsplit(unescape(link))
            answer = await shared.get(f"{address.path}?{address.query}")
            assert answer.status_code == 200
            said = answer.json() if "json" in kind else in_xml(answer)
            assert said["type"] == "rich"
            frame = parsed(said["html"])
            assert (frame.get("width"), frame.get("height")) == (str(said["width"]), str(said["height"]))
            source = urlsplit(frame.get("src") or "")
            assert source.netloc == "tarih.test"
            framed = await shared.get(f"{source.path}?{source.query}")
            assert framed.status_code == 200
            assert 'valid-at="2025-12-31"' in framed.text
            assert '<html lang="tr">' in framed.text


def in_xml(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"].startswith("text/xml")
    return {child.tag: child.text for child in parsed(answer.text)}


async def test_what_a_reader_copied_is_embedded_at_that_very_point(shared: Api) -> None:
    said = (await oembed(shared, "http://tarih.test/#valid=2025-12-31&known=51&reported=2024-06-30&item=x")).json()
    source = urlsplit(parsed(said["html"]).get("src") or "")
    assert source.query == "valid_at=2025-12-31&known_position=51&reported_by=2024-06-30"
    said = (await oembed(shared, f"http://tarih.test{STATE}#known=2026-11-22T16:00:00Z")).json()
    assert "known_at=2026-11-22T16%3A00%3A00Z" in said["html"]


async def test_embedding_keeps_within_what_the_page_has_room_for(shared: Api) -> None:
    said = (await oembed(shared, "http://tarih.test/", maxwidth="320", maxheight="400")).json()
    assert (said["width"], said["height"]) == (320, 400)
    said = (await oembed(shared, "http://tarih.test/", maxwidth="5000", maxheight="5000")).json()
    assert (said["width"], said["height"]) == (760, 900)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://elsewhere.example/embed/drones/pak--tur", 404),
        ("//elsewhere.example/embed/drones/pak--tur", 404),
        ("javascript:alert(1)", 404),
        ("ftp://tarih.test/embed/drones/pak--tur", 404),
        ("http://tarih.test/embed/drones", 404),
        ("http://tarih.test/docs", 404),
        ("http://tarih.test/embed/drones/nothing--said", 404),
        ("http://tarih.test/embed/drones/nonsense", 404),
        ("http://[", 404),
        ("http://tarih.test/?lang=%FF", 404),
    ],
)
async def test_what_cannot_be_embedded_is_told_as_the_convention_says(shared: Api, url: str, status: int) -> None:
    assert (await oembed(shared, url)).status_code == status


async def test_a_form_that_is_not_offered_is_501_and_a_bad_key_401(shared: Api) -> None:
    assert (await oembed(shared, "http://tarih.test/", format="yaml")).status_code == 501
    assert (await oembed(shared, "http://tarih.test/", maxwidth="0")).status_code == 400
    assert (await shared.get("/oembed")).status_code == 400
    bad = await shared.get(f"/oembed?url={EMBED}", "tarih_" + "x" * 43)
    assert (bad.status_code, "www-authenticate" in bad.headers) == (401, True)


@pytest.mark.parametrize("name", sorted({asset.name for asset in assets().values()}))
async def test_a_file_has_a_stable_address_and_one_that_keeps_for_ever(shared: Api, name: str) -> None:
    asset = assets()[name]
    stable, for_ever = [
        await shared.get(f"/widget/v1/{one}", headers={"Accept-Encoding": "identity"}) for one in (name, asset.hashed)
    ]
    assert stable.content == for_ever.content == asset.body
    assert "immutable" in for_ever.headers["cache-control"]
    assert "immutable" not in stable.headers["cache-control"]
    assert stable.headers["access-control-allow-origin"] == "*"
    assert stable.headers["cross-origin-resource-policy"] == "cross-origin"
    assert stable.headers["content-type"] == f"{asset.media_type}; charset=utf-8"
    again = await shared.get(f"/widget/v1/{name}", headers={"If-None-Match": stable.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    zipped = await shared.get(f"/widget/v1/{name}", headers={"Accept-Encoding": "br, gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == asset.body  # the client has unpacked it
    assert gzip.decompress(asset.gzipped) == asset.body
    refused = await shared.get(f"/widget/v1/{name}", headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


async def test_a_file_that_is_not_there_is_404(shared: Api) -> None:
    for name in ("words.json", "tarih-timeline.0000000000000000.js", "..%2F__init__.py", "element%2Fwords.js"):
        assert (await shared.get(f"/widget/v1/{name}")).status_code == 404, name


def test_what_loads_first_is_small_and_each_module_needs_only_what_the_element_loads() -> None:
    first, tools, turkish = (assets()[f"tarih-timeline{name}.js"] for name in ("", "-tools", "-tr"))
    assert len(first.gzipped) <= 11_000
    for asset in (first, tools, turkish):
        text = asset.body.decode()
        assert not re.search(r"^\s*import\b|\bfrom \"", text, re.MULTILINE)
        assert "innerHTML" not in text
        assert "eval(" not in text
    assert set(re.findall(r'"\./([^"]*)"', first.body.decode())) == {tools.hashed, turkish.hashed}
    [handed] = re.findall(r"\.default\(\{ (.*?) \}\)", first.body.decode())
    assert tools.body.decode().startswith(f"export default ({{ {handed} }}) => {{")


def test_what_its_words_are_in_one_language_they_are_in_the_other() -> None:
    def shape(said: Any) -> Any:
        return {name: shape(one) for name, one in said.items()} if isinstance(said, dict) else said.count("{}") and 1

    for of in (words(), pages()):
        assert shape(of["en"]) == shape(of["tr"])


def test_every_role_that_we_give_ourselves_has_its_words() -> None:
    texts = [
        path.read_text() for ending in ("json", "toml", "py") for folder in OURS for path in folder.rglob(f"*.{ending}")
    ]
    given = {role for text in texts for role in re.findall(r'\brole"? ?[:=] ?"([a-z_-]+)"', text)} | HOLDING | OPERATING
    assert {"supplier", "participant", "party", "operator"} <= given
    assert given - words()["tr"]["tools"]["roles"].keys() == set()
