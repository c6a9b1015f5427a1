"""Who may decide and who did what."""
