"""`escalade`: one verb per message, over `escalations.client`."""
