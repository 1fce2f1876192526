"""Whole scans from marks, and the truth behind them."""
