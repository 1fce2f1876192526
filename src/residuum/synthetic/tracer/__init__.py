"""Where the tracer is: organs 24 h after I-123 mIBG, and lesions made from marks."""
