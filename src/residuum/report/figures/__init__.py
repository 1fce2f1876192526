"""One file per figure: the drawing, its caption and its alternative text, all from the derived tables."""
