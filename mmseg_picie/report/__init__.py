"""The page of a run: cards of its clusters, where they get names, and what it did."""

from .write_report import REPORT, write_report

__all__ = ['REPORT', 'write_report']
