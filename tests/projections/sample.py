"""A relationship with everything in it: what an article and two exports of a register say of Pakistan and Türkiye."""

from typing import Any

from tests.projections.histories import History, source

ARTICLE = source("2025-12-05", "Army Recognition", credibility=2, reliability="B")
DEAL = "tur supplier, pak recipient"
FIRST, SECOND = "2024-03-18", "2025-10-23"


def pak_and_tur() -> History:
    history = History()
    history.name("tur", "Turkey", "1923-10-29/2022-05-31", names={"tr": "Türkiye"})
    history.name("tur", "Türkiye", "2022-06-01/..", names={"tr": "Türkiye"})
    history.name("pak", "Pakistan", "1947-08-14/..")
    history.name("paf", "Pakistan Air Force", kind="armed-force", part_of="pak")
    history.name("pak-navy", "Pakistan Navy", kind="armed-force", part_of="pak")
    history.name("baykar", "Baykar", kind="firm")
    _article(history)
    _register(history)
    return history


def _article(history: History) -> None:
    told: dict[str, Any] = {"sources": [ARTICLE]}
    lasting: dict[str, Any] = {"relationships": ["pak--tur"], "until": ".."}
    sellers = "tur supplier_state, baykar supplier, pak recipient"
    tb2 = {"platform": "bayraktar-tb2", "platform_name": "Bayraktar TB2"}
    plant = {
        "facility": "drone-plant",
        "stage": "reported",
        "purpose": "assembly",
        "platforms": [
            {**tb2, "likelihood": "most-likely"},
            {"platform": "akinci", "likelihood": "potential"},
        ],
        "host": "pak",
    }
    titles: dict[str, Any] = {"title": "Pakistan acquires the TB2", "lang": "en"}
    history.say("tb2", "acquisition", "2021", sellers, data=tb2, **titles, **told)
    history.say("tb2-paf", "operation", "2021", "paf operator", data=tb2, **lasting, **told)
    history.say("akinci", "acquisition", "2023", sellers, data={"platform": "akinci"}, **told)
    talks = {"subject": "loitering munitions"}
    history.say("talks", "negotiation", "[2021..2025-12-05]", "pak buyer, tur seller", data=talks, until="..", **told)
    milgem = {"programme": "milgem", "kind": "supply", "platforms": [{"platform": "milgem"}]}
    corvettes = "tur supplier, pak-navy recipient"
    history.say("milgem", "programme", "[..2025-12-05]", corvettes, data=milgem, **lasting, **told)
    exercises = {"joint": True}
    history.say(
        "exercises", "training", "[..2025-12-05]", "tur partner, pak partner", data=exercises, until="..", **told
    )
    history.say("second-largest", "assessment", "2025-12-05", "tur supplier, pak recipient, chn supplier", **told)
    three = "tur partner, pak host, baykar maker"
    history.say(
        "plant", "facility", "2025-12-05", three, data=plant, until="..", official_status="not_confirmed", **told
    )
    history.say("more", "agreement", "2026-33", "tur party, pak party", action="expect", **told)


def _register(history: History) -> None:
    def delivered(claim: str, platform: str, occurred: str, best: int, published: str) -> None:
        data = {"platform": platform, "quantity": {"best": best, "uncertain": True}}
        action = "assert" if published == FIRST else "correct"
        history.say(claim, "delivery", occurred, DEAL, data=data, published=published, action=action)

    def ordered(claim: str, platform: str, occurred: str, best: int, published: str) -> None:
        data = {"platform": platform, "quantity": {"best": best}, "production": "imported"}
        action = "assert" if published == FIRST else "correct"
        history.say(claim, "order", occurred, DEAL, data=data, published=published, action=action)

    tb2 = {"platform": "bayraktar-tb2"}
    history.say("sipri-tb2-order", "order", "2021?", DEAL, data=tb2, published=FIRST)
    delivered("sipri-tb2", "bayraktar-tb2", "{2022,2023}", 6, FIRST)
    delivered("sipri-akinci", "akinci", "2023", 2, FIRST)
    ordered("sipri-milgem-order", "milgem", "2018", 4, FIRST)
    delivered("sipri-milgem", "milgem", "2023", 1, FIRST)
    ordered("sipri-tb2-order", "bayraktar-tb2", "2021?", 9, SECOND)
    delivered("sipri-tb2", "bayraktar-tb2", "{2022,2023,2024}", 9, SECOND)
    delivered("sipri-akinci", "akinci", "{2023,2024}", 3, SECOND)
