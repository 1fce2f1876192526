"""Simulated trials: random arrays, arrivals, failures, visits, looks, tests, operating characteristics."""
