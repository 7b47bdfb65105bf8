"""Version 1 of what the services say to each other, one module per owner."""
