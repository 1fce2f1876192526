"""The skeletal region that a place of a planar view belongs to."""
