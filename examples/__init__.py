"""The demo: a thousand orders, and what became of them."""
