"""The adapters of time: schedules, queues, and the events that they and the streams bring."""
