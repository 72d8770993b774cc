"""Moto without its detours: the same answers in a fraction of the time. Most tests stand on its tables.

Each detour is replaced where it is, and moto itself is asked wherever a shortcut does not hold. A version of moto that
has no such place any more fails here, at import.
"""

import copy
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.core import models as mocking
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import ActionCountValidator, OverlappingPathsValidator

_serialize_structure = ResponseSerializer._serialize_type_structure
_update_item = DynamoDBBackend.update_item
_equals = DynamoType.__eq__
_MOST_BYTES = 405_000
"""Of a row, to moto."""


def shared(rows: Any) -> Any:
    """The rows of a table as they are now, with no row copied."""
    return defaultdict(dict, {name: dict(partition) for name, partition in rows.items()})


def _serialize_what_is_there(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """DynamoDB's answers are dicts in the API's own names. Moto tries aliases for each of the ten kinds of a value."""
    if type(value) is not dict or serializer.operation_model.service_model.service_name != "dynamodb":
        _serialize_structure(serializer, serialized, value, shape, key)
        return
    members = serializer.MAP_TYPE() if key else serialized
    for name, member in shape.members.items():
        if value.get(name) is not None:
            serializer._serialize(members, value[name], member, name)
    if key:
        serializer._default_serialize(serialized, members, shape, key)


def _update_a_copy(backend: Any, table_name: str, key: dict[str, Any], *rest: Any, **more: Any) -> Any:
    """Moto changes a row in place. Where it changes a copy, no row ever changes, and tables may share them."""
    table = backend.get_table(table_name)
    rows, name = table.items[DynamoType(key[table.hash_key_attr])], DynamoType(key[table.range_key_attr])
    if name in rows:
        rows[name] = copy.deepcopy(rows[name])
    return _update_item(backend, table_name, key, *rest, **more)


def _share_rows(table: Any, memo: dict[int, Any]) -> Any:
    """Before each transaction moto copies every row of its tables, to be able to put them back."""
    del memo
    same = copy.copy(table)
    same.items = shared(table.items)
    return same


def _row(item: Any, hash_key: Any, range_key: Any, attrs: Any) -> None:
    """A row. Moto measures all that is there before each attribute that it adds; here all at the end."""
    item.hash_key, item.range_key, item.attrs = hash_key, range_key, LimitedSizeDict()
    for name, value in attrs.items():
        dict.__setitem__(item.attrs, name, DynamoType(value))
    if item.size() > _MOST_BYTES:
        raise ItemSizeTooLarge


def _equal_texts(one: Any, other: Any) -> bool:
    """Keys are texts, and every query compares those of all rows."""
    if type(other) is DynamoType and one.type == "S":
        return other.type == "S" and one.value == other.value
    return bool(_equals(one, other))


def _of_the_whole(check: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A check of a whole update expression. Moto repeats it for each part of it, which takes the square of its size."""
    return lambda validator, node: node if node.parent else check(validator, node)


@cache
def _is(kind: type, kinds: Any) -> bool:
    return issubclass(kind, kinds)


def _traverse(traverser: Any, node: Any, child_id: int = -1, kinds: Any = None) -> Any:
    """Moto's own, which asks abstract classes of every leaf what it is; here of every kind once."""
    kinds = kinds or traverser.nodes_to_be_processed()
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        traverser.pre_processing_of_child(node, number)
        if _is(type(child), Node):
            _traverse(traverser, child, number, kinds)
    if _is(type(node), kinds):
        node = traverser.process(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


def _copy_of(node: Any, memo: dict[int, Any]) -> Any:
    """An expression of its own. Moto copies each before it puts values into it, by way of everything it may hold."""
    copied = object.__new__(type(node))
    vars(copied).update(vars(node), parent=None)
    if node.children is not None:
        copied.children = [_copy_of(child, memo) if _is(type(child), Node) else child for child in node.children]
        for child in copied.children:
            if _is(type(child), Node):
                child.parent = copied
    return copied


ResponseSerializer._serialize_type_structure = _serialize_what_is_there
DynamoDBBackend.update_item = _update_a_copy
Item.__init__ = _row
Table.__deepcopy__ = _share_rows
DynamoType.__eq__ = _equal_texts
ActionCountValidator.verify_action_counts = _of_the_whole(ActionCountValidator.verify_action_counts)
OverlappingPathsValidator.check_for_overlapping_paths = _of_the_whole(
    OverlappingPathsValidator.check_for_overlapping_paths
)
DepthFirstTraverser.traverse_node_recursively = _traverse
Node.__deepcopy__ = _copy_of
# An expression is read once: whoever puts values into it copies it before.
UpdateExpressionParser.make = cache(UpdateExpressionParser.make)
# Each time it starts, moto adds a thousand patterns to stand in for `requests` too, which nobody here uses.
mocking.RESPONSES_METHODS.clear()
