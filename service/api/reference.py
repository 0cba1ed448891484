"""The OpenAPI document as a page to read: server-rendered, without a script and without anything from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import Any

import msgspec

from service.api.markup import block, code, inline, link, page, prose

METHODS = ("get", "put", "post")
SHORT = 1500
"""An example up to this many characters stands open."""


def reference(document: dict[str, Any]) -> bytes:
    return page("Tarih: the API", "\n".join(_Reference(document).parts()))


class _Reference:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = [
            (path, item, method, item[method])
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        ]

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        found: Any = self.document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return dict(found)

    def parts(self) -> Iterator[str]:
        info = self.document["info"]
        yield f"<h1>{escape(info['title'])}: the API</h1>"
        yield f'<p class="quiet">{escape(info["summary"])} Version {escape(info["version"])}. '
        yield f"{link('/openapi.json', 'As OpenAPI 3.1')} · {link('/problems', 'Problems')} · {link('/', 'Home')}</p>"
        yield prose(info["description"])
        for tag in self.document["tags"]:
            yield f"<h2>{escape(tag['name'].capitalize())}</h2>\n<p>{inline(tag['description'])}</p>\n<nav><ul>"
            theirs = [one for one in self.operations if tag["name"] in one[3]["tags"]]
            for *_, operation in theirs:
                yield f"<li>{link('#' + operation['operationId'], operation['summary'])}</li>"
            yield "</ul></nav>"
            for one in theirs:
                yield from self.operation(*one)
        yield "<h2>Schemas</h2>"
        for name, schema in self.document["components"]["schemas"].items():
            yield from self.schema(name, schema)

    def operation(self, path: str, item: dict[str, Any], method: str, operation: dict[str, Any]) -> Iterator[str]:
        yield f'<section id="{escape(operation["operationId"])}">\n<h3>{escape(operation["summary"])}</h3>'
        yield f'<p><span class="method">{method}</span> {code(path)}</p>'
        if "description" in operation:
            yield prose(operation["description"])
        parameters = [self.resolved(one) for one in (*item.get("parameters", ()), *operation.get("parameters", ()))]
        if parameters:
            yield "<h4>Parameters</h4>\n<table>"
            for one in parameters:
                yield (
                    f'<tr><td>{code(one["name"])}<br><span class="quiet">{one["in"]}</span></td><td>'
                    f"{inline(one['description'])}<br>{self.kind(one['schema'])}, such as {code(str(one['example']))}"
                    "</td></tr>"
                )
            yield "</table>"
        if "requestBody" in operation:
            yield "<h4>Body</h4>"
            yield from self.content(operation["requestBody"]["content"])
        yield "<h4>Answers</h4>\n<table>"
        for status, response in operation["responses"].items():
            said = self.resolved(response)
            yield f"<tr><td>{code(status)}</td><td>{inline(said['description'])}"
            yield from self.content(said.get("content", {}), examples=status < "400")
            yield "</td></tr>"
        yield "</table></section>"

    def content(self, content: dict[str, Any], *, examples: bool = True) -> Iterator[str]:
        for media_type, said in content.items():
            yield f'<p class="quiet">{escape(media_type)}: {self.kind(said["schema"])}</p>'
            for name, example in said.get("examples", {}).items() if examples else ():
                text = example["value"]
                if not isinstance(text, str):
                    text = msgspec.json.format(msgspec.json.encode(text), indent=2).decode()
                opened = " open" if len(text) <= SHORT else ""
                summary = escape(example.get("summary", name))
                yield f"<details{opened}><summary>{summary}</summary>{block(text)}</details>"

    def schema(self, name: str, schema: dict[str, Any]) -> Iterator[str]:
        yield f'<section id="schema-{escape(name)}">\n<h3>{escape(name)}</h3>\n<p>{inline(schema["description"])}</p>'
        if choices := schema.get("oneOf", schema.get("allOf")):
            kinds = [self.kind(one) for one in choices if "$ref" in one]
            yield f"<p>{'One of' if 'oneOf' in schema else 'As'} {', '.join(kinds)}</p>" if kinds else ""
        if properties := schema.get("properties"):
            yield "<table>"
            for field, about in properties.items():
                needed = "" if field in schema.get("required", ()) else '<br><span class="quiet">optional</span>'
                words = f"<br>{inline(about['description'])}" if "description" in about else ""
                yield f"<tr><td>{code(field)}{needed}</td><td>{self.kind(about)}{words}</td></tr>"
            yield "</table>"
        if any("title" in one for one in schema.get("oneOf", ())):
            kinds = [
                f"{code(one['title'])}: {self.kind(one['properties']['data'])}"
                for one in schema["oneOf"]
                if "data" in one["properties"]
            ]
            yield f"<p>{code('data')} by {code('type')}: {', '.join(kinds)}</p>"
        yield "</section>"

    def kind(self, schema: dict[str, Any]) -> str:
        """What a value is, in a few words."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return link(f"#schema-{name}", name)
        if "anyOf" in schema and "properties" not in schema:
            return " or ".join(self.kind(one) for one in schema["anyOf"] if one.get("type") != "null")
        if "const" in schema:
            return code(msgspec.json.encode(schema["const"]).decode())
        if "enum" in schema:
            return " | ".join(code(msgspec.json.encode(one).decode()) for one in schema["enum"])
        if schema.get("type") == "array":
            return f"list of {self.kind(schema.get('items', {}))}{_limits(schema)}"
        values = schema.get("additionalProperties")
        if schema.get("type") == "object" and isinstance(values, dict):
            return f"object of {self.kind(values)}{_limits(schema)}"
        return f"{escape(str(schema.get('type', 'anything')))}{_limits(schema)}"


def _limits(schema: dict[str, Any]) -> str:
    names = {
        "minimum": "from",
        "maximum": "to",
        "minLength": "at least",
        "maxLength": "at most",
        "minItems": "at least",
        "maxItems": "at most",
        "minProperties": "at least",
        "maxProperties": "at most",
    }
    limits = [f"{words} {schema[name]:,}" for name, words in names.items() if name in schema]
    return f' <span class="quiet">({", ".join(limits)})</span>' if limits else ""
