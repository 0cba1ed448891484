"""Limits on how much a key, or an address without one, may ask: settled in microseconds, in front of all else."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Receive, Scope, Send

from service.api import problems
from service.api.quotas import VERDICT, Policy, Quotas, Verdict
from service.api.refused import TooManyRequests
from service.api.site import Request
from service.api.streams import MOST_OF_A_CALLER

Network = IPv4Network | IPv6Network
EXEMPT = "/health/"
"""What whoever watches the service asks must not depend on what others ask."""
ONE_HOLDER = 64
"""Bits of an IPv6 address that tell one network from another; the rest its holder chooses at will."""
MOST_REMEMBERED = 20_000
_ELSEWHERE = "elsewhere"


class Limits:
    """One per process. A key is told by what was sent once the gate has let it in; until then its address counts."""

    def __init__(
        self,
        quotas: Quotas,
        per_key: Policy | None,
        per_address: Policy | None,
        trusted: Sequence[Network] = (),
        streams: int = MOST_OF_A_CALLER,
    ) -> None:
        self.streams = streams
        """How many live ones a caller may have at one time."""
        self._quotas, self._per_key, self._per_address, self._trusted = quotas, per_key, per_address, trusted
        self._keys: dict[bytes, str] = {}
        self._addresses: dict[str, str] = {}

    def opened(self, authorization: str, key_id: str) -> None:
        """The gate knows this key."""
        if len(self._keys) >= MOST_REMEMBERED:
            self._keys.clear()
        self._keys[authorization.encode("latin-1")] = f"key {key_id}"

    def in_front_of(self, app: ASGIApp) -> ASGIApp:
        """Refuses what is too much; any other request goes on to ``app``."""
        if self._per_key is None and self._per_address is None:
            return app

        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP and not scope["path"].startswith(EXEMPT):
                verdict = self._judge(scope)
                if verdict is not None:
                    scope["state"][VERDICT] = verdict
                    if not verdict.spent.allowed:
                        await _refuse(scope, verdict, send)
                        return
            await app(scope, receive, send)

        return limited

    def _judge(self, scope: HTTPScope) -> Verdict | None:
        """None for what has no limit."""
        caller, policy = None, self._per_key
        for name, value in scope["headers"]:
            if name == b"authorization":
                caller = self._keys.get(value)
                break
        if caller is None:
            caller, policy = self.caller_at(scope), self._per_address
        return None if policy is None else Verdict(caller, policy, self._quotas.spend(caller, policy))

    def caller_at(self, scope: Scope) -> str:
        """Its address, as it counts."""
        client = scope["client"]
        address = client[0] if client else _ELSEWHERE
        if self._trusted and self._is_trusted(address):
            address = self._forwarded(scope) or address
        caller = self._addresses.get(address)
        if caller is None:
            if len(self._addresses) >= MOST_REMEMBERED:
                self._addresses.clear()
            caller = self._addresses[address] = f"address {_holder(address)}"
        return caller

    def _forwarded(self, scope: Scope) -> str | None:
        """The last address of X-Forwarded-For that is no proxy of ours; anyone may have written what stands before."""
        chain = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        farthest = None
        for link in reversed(",".join(chain).split(",")):
            address = link.strip()
            if address.count(":") == 1:
                address = address.partition(":")[0]  # some proxies add a port
            try:
                ip_address(address)
            except ValueError:
                break
            farthest = address
            if not self._is_trusted(address):
                break
        return farthest

    def _is_trusted(self, address: str) -> bool:
        try:
            known = ip_address(address)
        except ValueError:
            return False
        known = (known.ipv4_mapped or known) if isinstance(known, IPv6Address) else known
        return any(known in network for network in self._trusted)


def _holder(address: str) -> str:
    """One for all addresses that one caller has at hand."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(IPv6Network((int(known) >> ONE_HOLDER << ONE_HOLDER, ONE_HOLDER)))
    return str(known)


async def _refuse(scope: HTTPScope, verdict: Verdict, send: Send) -> None:
    policy, seconds = verdict.policy, verdict.spent.seconds
    most = f"at most {policy.quota:,} requests at once and in each {policy.window} s, by {policy.name}"
    answer = problems.respond(Request(scope), TooManyRequests(f"{most}; the next may come in {seconds} s", seconds))
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers += (b"content-type", problems.MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(answer.content))
    start: HTTPResponseStartEvent = {
        "type": "http.response.start",
        "status": problems.TOO_MANY.status,
        "headers": headers,
    }
    await send(start)
    await send({"type": "http.response.body", "body": answer.content, "more_body": False})
