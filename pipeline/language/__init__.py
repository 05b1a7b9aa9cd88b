"""What a text is likely to say: n-grams of its characters."""
