"""Codes of a study as names of files."""

from urllib.parse import quote


def file_name(code: str) -> str:
    """Return a code as a name that is a file's on any machine; the dots keep it from being a folder above."""
    return quote(code, safe=" ").replace("..", "%2E%2E")
