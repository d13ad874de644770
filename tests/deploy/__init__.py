"""Tests of the deploy side."""
