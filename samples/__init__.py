"""Seeded generator of realistic workbooks for real streets, with the truth about them.

Every person and organisation in them is invented; the units are the real ones of the reference files.
"""

from samples.generate import SampleSummary, generate

__all__ = ["SampleSummary", "generate"]
