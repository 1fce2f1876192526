"""Could a randomised trial show the effect: group-sequential boundaries, events, patients, power."""
