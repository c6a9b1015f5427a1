"""The commands of the contract, each thin: read arguments, call one step, print what it returned."""
