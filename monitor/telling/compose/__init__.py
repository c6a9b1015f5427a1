"""Rows to messages: what is said, in which order."""
