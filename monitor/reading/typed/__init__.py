"""Records of registers to claims: what their fields say."""
