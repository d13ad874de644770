"""The forwarder."""
