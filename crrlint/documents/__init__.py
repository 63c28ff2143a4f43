"""Files as plain data that remember where each value stands: text in, documents out."""
