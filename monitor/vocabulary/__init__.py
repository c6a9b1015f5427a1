"""What can be said: event types, places, dates, agencies, packs and their therapies. Imports nothing above it."""
