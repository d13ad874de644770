"""The platform in small, on this machine: an emulator, the real Lambda client, sinks for what obskit sends."""
