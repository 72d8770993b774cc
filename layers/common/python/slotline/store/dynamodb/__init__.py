"""The mechanics of DynamoDB: client, keys, rows, parts of transactions, streams."""
