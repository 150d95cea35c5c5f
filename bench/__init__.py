"""How fast Purser is with a million documents: a generator, a client, and a table of what was measured.

`make bench` says the rest. Figures are for reading side by side, on one machine and in one run; they are no tests."""
