"""The thin shell: load, compute, save, with progress."""
