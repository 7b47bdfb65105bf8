"""Public API, acceptance of orders and the order read model."""
