"""Live noise of pages, told from change."""
