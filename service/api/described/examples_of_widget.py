"""Examples of an embedding, and of files that browsers get."""

from typing import Any

import msgspec

from service.api.oembed import HEIGHT, WIDTH, Embedding, written

_BASE = "http://127.0.0.1:8000"


def answers() -> dict[str, Any]:
    """By name of component."""
    frame = (
        f'<iframe src="{_BASE}/embed/drones/pak--tur" title="Pakistan and Türkiye" width="{WIDTH}" height="{HEIGHT}" '
    )
    frame += 'style="border:0;max-width:100%" loading="lazy"></iframe>'
    said = Embedding(title="Pakistan and Türkiye", provider_url=f"{_BASE}/", html=frame, width=WIDTH, height=HEIGHT)
    return {
        "Embedding": msgspec.to_builtins(said),
        "EmbeddingXml": written(said).decode(),
        "Script": 'customElements.define("tarih-timeline", TarihTimeline);\n',
        "Style": "body { margin: 0; }\n",
    }
