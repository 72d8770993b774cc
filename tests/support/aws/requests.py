"""What goes to DynamoDB: counted, weighed, and failed on order, by botocore's own hooks."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

_METERED = ("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem")


@dataclass
class Requests:
    """The requests of a while, in the order of sending, and the capacity units they took."""

    operations: list[str] = field(default_factory=list)
    units: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


@contextmanager
def counted(client: Any) -> Iterator[Requests]:
    """Count every request that leaves the client, repeats included, and sum what each says it consumed.

    moto says nothing of transactions: those are weighed by DynamoDB's published rule, indexes left out.
    """
    requests = Requests()

    def ask(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def weigh(params: dict[str, Any], **_: Any) -> None:
        requests.units["TransactWriteItems"] += sum(map(_written_units, params["TransactItems"]))

    def sent(event_name: str, **_: Any) -> None:
        requests.operations.append(event_name.rpartition(".")[2])

    def received(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        for part in consumed if isinstance(consumed, list) else [consumed]:
            requests.units[model.name] += part.get("CapacityUnits", 0.0)

    hooks: list[tuple[str, Callable[..., Any]]] = [
        *((f"provide-client-params.dynamodb.{name}", ask) for name in _METERED),
        ("provide-client-params.dynamodb.TransactWriteItems", weigh),
        ("before-call.dynamodb", sent),
        ("after-call.dynamodb", received),
    ]
    for name, hook in hooks:
        client.meta.events.register(name, hook)
    try:
        yield requests
    finally:
        for name, hook in hooks:
            client.meta.events.unregister(name, hook)


def _written_units(action: dict[str, Any]) -> int:
    """Two units for each started kilobyte of the item; of an update what the request says of it is weighed."""
    ((_, request),) = action.items()
    said = request.get("Item") or {**request["Key"], **request.get("ExpressionAttributeValues", {})}
    return 2 * written_kilobytes(said)


def written_kilobytes(item: dict[str, Any]) -> int:
    """What one write of an item costs, in units of DynamoDB: started kilobytes."""
    return math.ceil(sum(len(name.encode()) + _size(value) for name, value in item.items()) / 1024)


def _size(value: dict[str, Any]) -> int:
    """Bytes of an attribute's value, as DynamoDB counts them."""
    ((kind, inner),) = value.items()
    match kind:
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(part) for name, part in inner.items())
        case "L":
            return 3 + sum(1 + _size(part) for part in inner)
        case "SS":
            return sum(len(text.encode()) for text in inner)
        case "N":
            return len(inner) // 2 + 1
        case "S":
            return len(inner.encode())
        case _:
            return 1


def refusal(code: str, operation: str = "TransactWriteItems", reasons: list[str] | None = None) -> ClientError:
    """The error that DynamoDB answers with this code; `reasons` are those of a cancelled transaction."""
    response: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    if reasons is not None:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, operation)


class Failing:
    """A client whose named operations fail as planned, one plan's entry a request; None lets one through."""

    def __init__(self, client: Any, **plans: list[Callable[[dict[str, Any]], Exception | None] | None]) -> None:
        self._client = client
        self._plans = plans
        self.tried: list[str] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name not in self._plans:
            return real

        def attempt(**request: Any) -> Any:
            self.tried.append(name)
            plan = self._plans[name]
            error = step(request) if plan and (step := plan.pop(0)) else None
            if error is not None:
                raise error
            return real(**request)

        return attempt
