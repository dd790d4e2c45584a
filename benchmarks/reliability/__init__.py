"""Rows of `make bench-reliability`: each tries one promise of SECURITY.md, and tells what came beside its floor."""
