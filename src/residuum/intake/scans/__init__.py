"""Scans in: DICOM from files, folders, ZIP archives and DICOMweb, read in a limited child and pseudonymised."""
