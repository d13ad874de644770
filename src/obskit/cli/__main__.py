"""`python -m obskit.cli`: the console script, where its folder is not on PATH."""

from obskit.cli import main

main()
