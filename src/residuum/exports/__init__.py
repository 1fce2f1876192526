"""What leaves for other systems: DICOM SR, SEG and RTSTRUCT, JSON."""
