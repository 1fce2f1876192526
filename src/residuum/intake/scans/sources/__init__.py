"""Where scans come from: files, folders, ZIP archives, and DICOMweb archives."""
