"""One run: which files, which settings, which rules; rules over subjects; verdicts."""
