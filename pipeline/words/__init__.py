"""Word lists that ship: `english.txt.gz`, a word a line in small letters, UTF-8 (see NOTICE)."""
