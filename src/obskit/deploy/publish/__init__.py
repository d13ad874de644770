"""Bringing rendered templates into an account: change sets, progress, and the rights that this takes."""
