"""Resellers, customers, organisations and PINs."""
