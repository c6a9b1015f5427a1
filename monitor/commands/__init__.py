"""The commands of the contract, one file each, named as the command: read arguments, call one step, print the result.

A file `send_test.py` holds a function `send_test`, which is the command `send-test`; `shell.py` is what they share.
"""
