"""What takes longer than a test: measures of the themes, the trends and the seed feed."""
