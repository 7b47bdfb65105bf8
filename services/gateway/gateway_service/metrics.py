"""What the gateway counts."""

from prometheus_client import Counter

passed_over = Counter("replica_passed_over", "Searches that a replica was asked and did not answer", ["replica"])
unanswered = Counter("searches_unanswered", "Searches for which no replica could be asked")
deliveries = Counter("webhook_deliveries", "Deliveries that were attempted, by what came of them", ["state"])
