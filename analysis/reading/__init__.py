"""What to read: the few papers that cover most of what is new (`choose_reading`) or of all (`compute_reading`)."""

from analysis.reading.budget import compute_reading
from analysis.reading.choose import choose_reading
from analysis.reading.cover import Cover, usual_similarity

__all__ = ["Cover", "choose_reading", "compute_reading", "usual_similarity"]
