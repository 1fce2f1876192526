"""SIOPEN, Curie and Amsterdam from marks, and which read of a scan counts."""
