"""What needs more than one service: whole orders over real Kafka and HTTP, faults, and the rules of the house."""
