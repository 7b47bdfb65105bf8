"""What a service counts. Names and units follow OpenTelemetry's messaging conventions, in Prometheus' spelling."""

from prometheus_client import Counter, Gauge, Histogram

_TIMES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

handled = Counter("messaging_handled_messages", "Messages handled, by type", ["type"])
redelivered = Counter("messaging_redelivered_messages", "Messages that the journal knew already")
produced = Counter("messaging_produced_messages", "Messages produced and acked")
dead = Counter("messaging_dead_letters", "Records that went to the dead-letter topic", ["reason"])
skipped = Counter("messaging_skipped_records", "Records that a follower could not read", ["reason"])
restarted = Counter("messaging_batch_restarts", "Batches that were rolled back and started again", ["why"])
batch_messages = Histogram(
    "messaging_batch_messages", "Records in a batch", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)
batch_seconds = Histogram("messaging_batch_seconds", "A batch from poll to its last ack", buckets=_TIMES)
lag = Gauge("messaging_lag_records", "Records not yet polled, of the assigned partitions")
journal_unsent_oldest_seconds = Gauge("journal_unsent_oldest_seconds", "Age of the oldest message not yet acked")
errand_seconds = Histogram("errand_seconds", "One round of an errand", ["errand"], buckets=_TIMES)
