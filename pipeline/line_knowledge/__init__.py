"""What a line tells about its characters: heights, neighbours, gaps, and the best way through."""
