"""What users' own tests need: what was written, as parsed documents, events, records full of personal data."""

from obskit.testing.capture import Captured, capture
from obskit.testing.emf import assert_valid_emf
from obskit.testing.events import LambdaContext, appsync_event
from obskit.testing.leaks import assert_no_pii
from obskit.testing.records import Harmless, Planted, Record, records

__all__ = [
    "Captured",
    "Harmless",
    "LambdaContext",
    "Planted",
    "Record",
    "appsync_event",
    "assert_no_pii",
    "assert_valid_emf",
    "capture",
    "records",
]
