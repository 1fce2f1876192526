"""Points carried from scan to scan, with their expected error."""
