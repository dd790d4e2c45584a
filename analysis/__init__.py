"""Paper Themes: themes in a pile of papers, how they rise and fade, with the evidence beside every claim.

Importing this package is cheap: heavy libraries load where they are used.
"""

__version__ = "0.1.0"

METHOD_VERSION = "9"
"""Bumped by every change that moves results; it is part of every run's identity."""
