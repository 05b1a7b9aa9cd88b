"""From the frames of a line to its text: best path, likelier texts, what speaks against them."""
