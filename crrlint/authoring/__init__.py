"""For the authors of rules: examples as tests, and a rule to start from."""
