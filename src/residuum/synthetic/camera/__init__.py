"""What a gamma camera sees: attenuation, collimator, scatter, septal penetration, counts; SPECT and CT."""
