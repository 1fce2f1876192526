"""The sections of a report, each made from the numbers and the derived tables."""
