"""Reads while they are made: who reads what and when, who sees what, locking, differences and what settles them."""
