"""Tests of what is masked and how."""
