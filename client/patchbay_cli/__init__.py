"""`patchbay`: Patchbay at the command line."""
