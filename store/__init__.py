"""The store remembers: tables, engine and migrations. It decides nothing and speaks to nobody."""
