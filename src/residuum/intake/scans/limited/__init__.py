"""The limited child process in which objects are read."""
