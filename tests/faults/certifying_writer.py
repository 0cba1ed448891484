"""One process of the self-certifying log: each event that it writes keeps the conditions it was accepted under.

Run as ``python -m tests.faults.certifying_writer PORT KEY NUMBER BATCHES``; prints how many batches were recorded.
"""

import http.client
import json
import random
import sys
from itertools import combinations
from typing import Any

ACTORS = ["aze", "chn", "eth", "pak", "pol", "qat", "tur", "ukr"]
RELATIONSHIPS = list(combinations(ACTORS, 2))
"""Few enough to be fought for, many enough to be won."""


class Writer:
    def __init__(self, port: int, key: str, number: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.random = random.Random(number)  # noqa: S311 - a seed makes a run repeatable
        self.number = number

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any, dict[str, str]]:
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read()), {name.lower(): value for name, value in answer.getheaders()}

    def condition(self, relationship: str) -> int | str:
        """What is so now, or was a moment ago, or may be so."""
        choice = self.random.random()
        if choice < 0.7:
            _, _, headers = self.ask("GET", f"/v1/ledgers/drones/relationships/{relationship}")
            return int(headers["tarih-revision"])
        wishes: list[int | str] = ["exists", "none", self.random.randrange(5)]
        return self.random.choice(wishes)

    def batch(self, nth: int) -> bool:
        chosen = self.random.sample(RELATIONSHIPS, self.random.randint(1, 2))
        conditions = {"--".join(actors): self.condition("--".join(actors)) for actors in chosen}
        reason = json.dumps(conditions, sort_keys=True)
        events = [
            {
                "action": "assert",
                "id": f"p{self.number}-{nth}-{n}",
                "type": "acquisition",
                "occurred": "2021",
                "parties": [{"actor": actor, "role": "party"} for actor in self.random.choice(chosen)],
                "data": {"platform": "tb2"},
                "reason": reason,
            }
            for n in range(self.random.randint(1, 4))
        ]
        expect = [{"relationship": name, "revision": revision} for name, revision in conditions.items()]
        status, answer, _ = self.ask("POST", "/v1/ledgers/drones/events", {"events": events, "expect": expect})
        if status not in (201, 409):
            raise SystemExit(f"{status}: {answer}")
        return status == 201


def main() -> None:
    port, key, number, batches = sys.argv[1:]
    writer = Writer(int(port), key, int(number))
    sys.stdout.write(f"{sum(writer.batch(nth) for nth in range(int(batches)))}\n")


if __name__ == "__main__":
    main()
