"""The local runtime: real Kafka, real PostgreSQL, an inbox, and the services as processes."""
