"""The rows of numbers.json, one module per family of numbers."""
