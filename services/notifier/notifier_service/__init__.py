"""E-mail and its delivery log."""
