"""Texts to claims: what people write."""
