"""Libraries of others, with obskit's masking underneath: one module for each, which loads its library when used."""
