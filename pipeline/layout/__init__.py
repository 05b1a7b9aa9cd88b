"""Where the text of a page is: body components, rows, columns, blocks, paragraphs."""
