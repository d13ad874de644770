"""Bringing rendered templates into an account: whose account it is, change sets, progress."""
