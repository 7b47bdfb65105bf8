"""What every Patchbay service stands on. No word of business in here."""
