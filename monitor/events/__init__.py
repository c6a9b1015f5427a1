"""What happened in the world: attributed, recorded once, reviewed."""
