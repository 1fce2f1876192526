"""Images with geometry: planar views and SPECT/CT volumes, in millimetres and patient sides."""
