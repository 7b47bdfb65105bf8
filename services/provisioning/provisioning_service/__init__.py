"""Service catalogue, the order saga, services and network adapters."""
