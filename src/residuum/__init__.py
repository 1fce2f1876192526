"""Residuum: research software for residual skeletal mIBG uptake in neuroblastoma. Not a medical device."""

__version__ = "0.1.0"
DISCLAIMER = "Research software, not a medical device."
