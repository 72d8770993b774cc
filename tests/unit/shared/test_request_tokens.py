"""The fakes know tokens of transactions as DynamoDB does."""

import json
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from slotline.aws.json_protocol import WrittenList, written
from slotline.aws.services import DYNAMODB
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import parts
from slotline.store.dynamodb.client import request_token
from slotline.store.dynamodb.transactions import ConditionsFailed, transact
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.builders.apps import SetClock
from tests.support.memory.tokens import REMEMBERED_FOR, RequestTokens, TokenReused


def test_the_same_words_within_ten_minutes_succeed_and_act_once() -> None:
    clock, acts = SetClock(), list[int]()
    tokens = RequestTokens(clock.now)
    for _ in range(2):
        tokens.once("token", "words", lambda: acts.append(1))
    clock.instant += REMEMBERED_FOR
    tokens.once("token", "words", lambda: acts.append(1))
    assert len(acts) == 2


def test_a_token_with_other_words_is_refused_while_it_is_remembered() -> None:
    clock = SetClock()
    tokens = RequestTokens(clock.now)
    tokens.once("token", "words", lambda: None)
    with pytest.raises(TokenReused):
        tokens.once("token", "other words", lambda: None)
    clock.instant += REMEMBERED_FOR + timedelta(seconds=1)
    tokens.once("token", "other words", lambda: None)


def test_what_was_refused_is_tried_again() -> None:
    tokens, acts = RequestTokens(), list[int]()

    def refuse() -> None:
        acts.append(1)
        raise RaceLost

    for _ in range(2):
        with pytest.raises(RaceLost):
            tokens.once("token", "words", refuse)
    assert len(acts) == 2


@pytest.mark.parametrize("more", [{}, {"ClientRequestToken": "t", "ReturnConsumedCapacity": "NONE"}])
def test_a_list_that_was_written_for_its_token_is_sent_as_it_was_written(more: dict[str, str]) -> None:
    puts = [{"Put": {"TableName": "t", "Item": {"b": {"B": b"\x00"}, "a": {"S": "é"}}}}]
    listed = WrittenList(puts)
    sent = written(DYNAMODB, DYNAMODB.operations["transact_write_items"], {"TransactItems": listed, **more})
    plain = written(DYNAMODB, DYNAMODB.operations["transact_write_items"], {"TransactItems": puts, **more})
    assert json.loads(sent.body) == json.loads(plain.body)
    assert listed.text.encode() in sent.body


def test_a_token_depends_on_what_is_written_and_on_no_order_of_names() -> None:
    one, other = WrittenList([{"a": 1, "b": 2}]), WrittenList([{"b": 2, "a": 1}])
    assert request_token(one.text) == request_token(other.text) != request_token(WrittenList([{"a": 1}]).text)


def test_a_transaction_with_the_same_words_is_told_that_it_won_and_writes_nothing() -> None:
    new = parts.put_new("AccessTable", {"pk": "a", "sk": "b"})
    with aws_in_memory() as client:
        transact(client, [("new", new)])
        client.delete_item(TableName="AccessTable", Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
        transact(client, [("new", new)])
        assert client.scan(TableName="AccessTable")["Items"] == []
        transact(client, [("new", parts.put_new("AccessTable", {"pk": "a", "sk": "b", "by": "me"}))])
        with pytest.raises(ConditionsFailed):
            transact(client, [("new", parts.put_new("AccessTable", {"pk": "a", "sk": "b", "by": "you"}))])


def test_a_token_that_came_with_other_words_is_refused_by_the_tables_too() -> None:
    with aws_in_memory():
        client = boto3.client("dynamodb")
        for name in ("a", "b"):
            item = {"pk": {"S": name}, "sk": {"S": name}}
            request = {"TransactItems": [{"Put": {"TableName": "AccessTable", "Item": item}}]}
            if name == "a":
                client.transact_write_items(**request, ClientRequestToken="token")
                continue
            with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
                client.transact_write_items(**request, ClientRequestToken="token")
