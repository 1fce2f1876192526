"""DICOM objects as they are stored: syntax, attributes, pixels."""
