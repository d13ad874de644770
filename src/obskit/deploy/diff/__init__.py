"""What changes between two renderings, by meaning: order and layout that follow from something else are left out."""
