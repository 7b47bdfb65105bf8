"""Blocks, holds, assignment and quarantine of numbers."""
