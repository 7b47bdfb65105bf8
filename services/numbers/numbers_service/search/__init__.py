"""Search replicas: the index kept level with the authority, and asked over HTTP. A process without a database."""
