"""Price lists, billing accounts and charges."""
