"""INRC 2017: verdicts with the clauses that fired."""
