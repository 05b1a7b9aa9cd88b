"""What a text is likely to say: n-grams of letters, and of the shapes of letters."""
