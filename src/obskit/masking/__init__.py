"""Personal data and secrets are replaced here, before anything leaves the process."""

from obskit.masking.engine import Masked, mask, mask_document, mask_field, mask_text

__all__ = ["Masked", "mask", "mask_document", "mask_field", "mask_text"]
