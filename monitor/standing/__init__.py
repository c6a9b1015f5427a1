"""Where things stand: status, pipeline, the newest drug, what is overdue, and the log."""
