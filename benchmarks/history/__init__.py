"""The parts of `make bench-history`."""
