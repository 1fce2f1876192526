"""Boundaries, events, patients and power of log-rank trials, without simulation."""
