"""The smallest service that stands on the chassis: it counts pings and answers with pongs."""
