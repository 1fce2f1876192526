"""DICOM objects as a camera would have written them, of invented children."""
