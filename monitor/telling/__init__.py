"""Who is told what, and when: matched, composed, delivered."""
