"""Observability for a marketplace on AWS Lambda: masked logs, declared metrics, carried traces."""
