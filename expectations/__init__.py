"""The rule book judged by Great Expectations: one suite per rule in, one outcome per subject out.

No comparison of a figure with a threshold stands in this package: `judge` writes what Great Expectations found.
"""

from expectations.judge import JudgeSummary, judge
from expectations.vocabulary import JudgeError

__all__ = ["JudgeError", "JudgeSummary", "judge"]
