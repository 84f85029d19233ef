"""Every read of Open311, by noun: services, requests, updates."""
