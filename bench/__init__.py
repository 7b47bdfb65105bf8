"""Benchmarks and chaos: what Patchbay carries, what that costs, and what it survives."""
