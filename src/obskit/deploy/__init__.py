"""The deploy side: `obskit.toml` and definitions in, checked and deterministic CloudWatch JSON out."""
