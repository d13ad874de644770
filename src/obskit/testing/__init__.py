"""What users' own tests need: what was written, as parsed documents, and events of the shapes that Lambda sends."""

from obskit.testing.capture import Captured, capture
from obskit.testing.events import LambdaContext, appsync_event

__all__ = ["Captured", "LambdaContext", "appsync_event", "capture"]
