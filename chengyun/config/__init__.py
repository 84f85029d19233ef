"""Settings, addresses and the two gateways (ASGI, WSGI) of the platform."""
