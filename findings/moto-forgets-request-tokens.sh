#!/usr/bin/env bash
# Guess: TransactWriteItems sent twice with one ClientRequestToken acts once; DynamoDB promises it for ten minutes, and a
# token that comes with other words is refused. So a test on an emulator shows what a lost answer and a repeat come to.
# Seen: moto 5.2.5 takes the token, acts both times, and lets it come with other words; ministack 1.5.33 does as DynamoDB does.
# So: two workers that send the very same claim are both told that they won on DynamoDB, and a suite on moto cannot show it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/moto"
python3 -m venv "$folder/ministack"
"$folder/moto/bin/python" -m pip install --quiet --disable-pip-version-check "moto[dynamodb]==5.2.5" boto3==1.43.106
"$folder/ministack/bin/python" -m pip install --quiet --disable-pip-version-check ministack==1.5.33
cat > "$folder/ask.py" <<'PYTHON'
import sys

import boto3
from botocore.exceptions import ClientError


def ask(name, client):
    client.create_table(
        TableName="counters",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )

    def add(number):
        update = {
            "TableName": "counters",
            "Key": {"id": {"S": "a"}},
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": str(number)}},
        }
        client.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken="one-token")

    add(1)
    add(1)
    row = client.get_item(TableName="counters", Key={"id": {"S": "a"}})["Item"]
    try:
        add(5)
        other = "taken"
    except ClientError as error:
        other = error.response["Error"]["Code"]
    print(f"{name}: sent twice, counted {row['n']['N']}; the token with other words: {other}")


how = {"region_name": "eu-west-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
if len(sys.argv) > 1:
    ask("ministack", boto3.client("dynamodb", endpoint_url=sys.argv[1], **how))
else:
    from moto import mock_aws

    with mock_aws():
        ask("moto", boto3.client("dynamodb", **how))
PYTHON
port="$("$folder/moto/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
GATEWAY_PORT="$port" BIND_HOST=127.0.0.1 PERSIST_STATE=0 DOCKER_HOST=unix:///nonexistent \
  "$folder/ministack/bin/ministack" >"$folder/ministack.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 150); do
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.2
done
said="$("$folder/moto/bin/python" "$folder/ask.py"; "$folder/moto/bin/python" "$folder/ask.py" "http://127.0.0.1:$port")"
echo "$said"
diff <(echo "$said") - <<'SEEN'
moto: sent twice, counted 2; the token with other words: taken
ministack: sent twice, counted 1; the token with other words: IdempotentParameterMismatchException
SEEN
