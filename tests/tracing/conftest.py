from tests.outbox_db import database, outbox_server, relay_database

__all__ = ["database", "outbox_server", "relay_database"]
