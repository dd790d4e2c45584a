"""Time, memory and size, each beside its floor."""
