"""Ways in which reports arrive: a module per kind of channel, with the interface of ``ingest.channels.arrivals``."""
