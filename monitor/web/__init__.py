"""The pages, feeds and JSON: queries read, templates rendered, nothing decided."""
