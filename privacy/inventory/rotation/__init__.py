"""What is stored under new keys: sealed values and blind indexes, as declared, wherever they stand."""
