"""Faults at every step: whatever fails, and whenever, one more apply converges.

`python -m tests.chaos --full` runs every fault point and prints their number; pytest runs a fixed
sample. Nothing of the program is faked: files, planner, ledger, HTTP over a real port, and for
kills real processes that get SIGKILL. What is not real is the waiting between retries.
"""
