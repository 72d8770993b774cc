"""Being woken later: SQS queues, EventBridge schedules, and the events that they bring."""
