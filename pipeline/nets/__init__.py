"""Neural networks as Keras graphs, and the characters that their outputs stand for."""
