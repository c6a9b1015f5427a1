"""What happened: records and texts to claims, each with the words that prove it. Pure."""
