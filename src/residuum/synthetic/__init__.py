"""Honest make-believe, always labelled: the demonstration cohort and large studies for benchmarks."""
