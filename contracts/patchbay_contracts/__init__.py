"""What Patchbay's services say to each other."""
