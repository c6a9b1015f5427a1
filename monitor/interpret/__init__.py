"""What happened: pure functions from records, differences and prose to claims of events."""
