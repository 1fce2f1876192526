"""A parametric child from 1 to 15 years: sizes, pose, skeleton and organs as solids, and voxels of them."""
