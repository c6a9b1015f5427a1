"""How the encoder of `monitor/reading/prose` is made: items, folds, fit, export. The product never imports it."""
